#![doc = include_str!("../README.md")]

use rustix::process::{Resource, Rlimit, setrlimit};

/// What the process may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory: u64,
    /// Time of a processor, in seconds.
    pub seconds: u64,
}

impl Limits {
    /// The limits as the last two arguments of the process.
    pub fn arguments(self) -> [String; 2] {
        [self.memory.to_string(), self.seconds.to_string()]
    }

    /// The limits from these arguments.
    pub fn read(memory: &str, seconds: &str) -> Option<Limits> {
        Some(Limits {
            memory: memory.parse().ok()?,
            seconds: seconds.parse().ok()?,
        })
    }

    /// Confines the process that calls it: nothing is written to a file, none is opened and no core is left
    /// behind from here on.
    ///
    /// # Errors
    ///
    /// The system's, where it knows no such limit or a lower one stands.
    pub fn confine(self) -> std::io::Result<()> {
        let both = |most: u64| Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        for (resource, most) in [
            (Resource::As, self.memory),
            (Resource::Cpu, self.seconds),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
            (Resource::Nofile, 3),
        ] {
            setrlimit(resource, both(most))?;
        }
        Ok(())
    }
}
