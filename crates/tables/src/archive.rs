use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime};

/// A ZIP archive that is handed out as it grows: no more than one file of it is in memory.
pub struct Archive {
    out: Pieces,
    writer: ZipWriter<StreamWriter<Pieces>>,
}

/// What was written and not yet handed out.
#[derive(Clone, Default)]
struct Pieces(Arc<Mutex<Vec<u8>>>);

impl Pieces {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Default for Archive {
    fn default() -> Archive {
        let out = Pieces::default();
        Archive {
            writer: ZipWriter::new_stream(out.clone()),
            out,
        }
    }
}

impl Archive {
    /// Adds a file as it is; answers the next bytes of the archive. It carries no time, so that the same files make the
    /// same archive.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(u32::try_from(bytes.len()).is_err());
        self.writer.start_file(name, options)?;
        self.writer.write_all(bytes)?;
        self.writer.flush()?;
        Ok(self.out.take())
    }

    /// The last bytes: the directory.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.writer.finish()?;
        Ok(self.out.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    #[test]
    fn what_was_added_is_read_again_and_comes_in_pieces() {
        let files = [("a.txt", b"one".to_vec()), ("b.pdf", vec![7; 100_000])];
        let pack = || {
            let mut archive = Archive::default();
            let mut pieces: Vec<Vec<u8>> = Vec::new();
            for (name, bytes) in &files {
                pieces.push(archive.add(name, bytes).unwrap());
            }
            pieces.push(archive.finish().unwrap());
            pieces
        };
        let pieces = pack();
        assert!(pieces[1].len() > 100_000 && pieces[0].len() < 1000);
        assert_eq!(pieces, pack());
        let mut read = zip::ZipArchive::new(Cursor::new(pieces.concat())).unwrap();
        for (name, bytes) in &files {
            let mut found = Vec::new();
            read.by_name(name).unwrap().read_to_end(&mut found).unwrap();
            assert_eq!(found, *bytes);
        }
    }
}
