//! Real coding agents, led by a script in the place of their model: what they make of our command lines, and we of what
//! they print. `tests/agents/real.sh` installs them and runs these tests; without it each says that it is skipped.

mod aider;
mod alone;
mod claude;
mod codex;
mod five_units;
mod gemini;
mod opencode;
mod program;
mod script;
