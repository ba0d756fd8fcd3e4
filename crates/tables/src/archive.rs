use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime, ZipArchive};

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

/// The most bytes that the files of an archive may come to when they are read again.
const MOST: u64 = 256 << 20;

/// The files of an archive, workbooks included, with their names: for whoever has to know what one holds.
pub fn unpacked(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let (mut found, mut left) = (Vec::new(), MOST);
    for at in 0..archive.len() {
        let file = archive.by_index(at)?;
        let name = file.name().map_err(io::Error::other)?.into_owned();
        let mut content = Vec::new();
        let read = file.take(left + 1).read_to_end(&mut content)?;
        left = left
            .checked_sub(u64::try_from(read).unwrap_or(u64::MAX))
            .ok_or_else(|| io::Error::other("the archive is larger than it may be"))?;
        found.push((name, content));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let again = super::unpacked(&pieces.concat()).unwrap();
        let added = files.map(|(name, bytes)| (name.to_owned(), bytes));
        assert_eq!(again, added);
        assert!(super::unpacked(b"PK\x03\x04 and no more").is_err());
    }
}
