//! PNG and JPEG: whether every pixel can be read.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

use crate::Verdict;

/// The longest side, in pixels: a sheet of A3 at 1,200 dots an inch.
const LONGEST_SIDE: u32 = 20_000;

/// What a picture may take in memory, in bytes.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// Decodes the whole picture, within limits.
pub(crate) fn examine(bytes: &[u8], media_type: &str) -> Verdict {
    let format = match media_type {
        "image/png" => ImageFormat::Png,
        _ => ImageFormat::Jpeg,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    match reader.decode() {
        Ok(_) => Verdict::Sound {
            media_type: media_type.to_owned(),
            pages: None,
        },
        Err(image::ImageError::Limits(_)) => Verdict::refused(
            "image_too_large",
            format!("the picture is too large; give one of at most {LONGEST_SIDE} pixels a side"),
        ),
        Err(_) => Verdict::refused(
            "file_broken",
            "the picture cannot be read to its end; save it anew as PNG or JPEG",
        ),
    }
}
