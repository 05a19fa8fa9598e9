//! What `batch doctor` asks git: facts, which `model::checkup` judges. Nothing here changes the repository.

mod hooks;
mod identity;
mod kind;
mod leftovers;
mod remote;
mod setting;
mod signing;
mod version;

pub use identity::identity;
pub use remote::Asked;
pub use version::program;
