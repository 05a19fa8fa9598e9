//! The promises about coding agents, on real processes: scripts play the agents.

mod ending;
mod hearing;
mod landing;
mod outside;
mod recipes;
mod support;
