//! PDF: whether it is whole, and whether it does anything but show pages.

use lopdf::xref::XrefRecovery;
use lopdf::{Dictionary, Document, LoadOptions, Object};

use crate::Verdict;

/// What a stream may unpack to, in bytes.
const MOST_UNPACKED: usize = 128 * 1024 * 1024;

/// Actions that leave the page: they run, send or open something (ISO 32000-2, 12.6.4).
const ACTIONS: [&[u8]; 7] = [
    b"JavaScript",
    b"Launch",
    b"ImportData",
    b"SubmitForm",
    b"GoToE",
    b"Rendition",
    b"RichMediaExecute",
];

/// What is wrong with an object.
enum Found {
    Script,
    Action,
    Attachment,
}

/// Reads the document, counts its pages, and looks at every object of it.
pub(crate) fn examine(bytes: &[u8]) -> Verdict {
    let document = match load(bytes, false) {
        Ok(document) => document,
        Err(_) if contains(bytes, b"/Encrypt") => return encrypted(),
        Err(_) => return broken(),
    };
    if document.is_encrypted() || document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return encrypted();
    }
    // A file that is cut off can often be read in part, and every reader shows another part.
    if document.xref_recovery == Some(XrefRecovery::Reconstructed) {
        return broken();
    }
    let pages = document.get_pages().len();
    let Some(pages) = u32::try_from(pages).ok().filter(|pages| *pages > 0) else {
        return broken();
    };
    // Another reader may find objects that the table of contents does not name: those are looked at too.
    let everything = load(bytes, true).ok();
    let found = std::iter::once(&document)
        .chain(&everything)
        .find_map(look_through);
    match found {
        None => Verdict::Sound {
            media_type: "application/pdf".to_owned(),
            pages: Some(pages),
        },
        Some(Found::Script) => Verdict::refused(
            "file_has_script",
            "the PDF holds a script or a form that runs one; print it into a new PDF",
        ),
        Some(Found::Action) => Verdict::refused(
            "file_has_action",
            "the PDF starts a program, sends data or opens another file when it is read; print it into a new PDF",
        ),
        Some(Found::Attachment) => Verdict::refused(
            "file_has_attachment",
            "the PDF carries other files or media in it; take them out, or print it into a new PDF",
        ),
    }
}

fn load(bytes: &[u8], force_reconstruct: bool) -> lopdf::Result<Document> {
    let options = LoadOptions {
        max_decompressed_size: Some(MOST_UNPACKED),
        force_reconstruct,
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(bytes, options)
}

fn encrypted() -> Verdict {
    Verdict::refused(
        "file_encrypted",
        "the PDF is encrypted or protected; save it without password and protection",
    )
}

fn broken() -> Verdict {
    Verdict::refused(
        "file_broken",
        "the PDF cannot be read, or has no pages; open it in a viewer and save or print it anew",
    )
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part == word)
}

fn look_through(document: &Document) -> Option<Found> {
    let mut waiting: Vec<&Object> = document.objects.values().collect();
    let trailer = Object::Dictionary(document.trailer.clone());
    waiting.push(&trailer);
    while let Some(object) = waiting.pop() {
        let dictionary = match object {
            Object::Array(items) => {
                waiting.extend(items);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        if let Some(found) = look_at(document, dictionary) {
            return Some(found);
        }
        waiting.extend(dictionary.iter().map(|(_, value)| value));
    }
    None
}

fn look_at(document: &Document, dictionary: &Dictionary) -> Option<Found> {
    let name = |key: &[u8]| {
        let value = dictionary.get(key).ok()?;
        resolved(document, value).as_name().ok()
    };
    // A resource may happen to be called JS: a script is text.
    let script = dictionary.get(b"JS").is_ok_and(|value| {
        matches!(
            resolved(document, value),
            Object::String(..) | Object::Stream(_)
        )
    });
    let action = name(b"S").filter(|name| ACTIONS.contains(name));
    if script || action == Some(b"JavaScript") || dictionary.has(b"XFA") {
        return Some(Found::Script);
    }
    if action.is_some() {
        return Some(Found::Action);
    }
    let kind = name(b"Type");
    let embedded = kind == Some(b"EmbeddedFile")
        || (dictionary.has(b"EF") && dictionary.has(b"F"))
        || dictionary.has(b"EmbeddedFiles");
    let media = matches!(
        name(b"Subtype"),
        Some(b"FileAttachment" | b"RichMedia" | b"Movie" | b"Sound" | b"Screen" | b"3D")
    );
    (embedded || media).then_some(Found::Attachment)
}

/// What a reference leads to; itself where it leads nowhere.
fn resolved<'d>(document: &'d Document, value: &'d Object) -> &'d Object {
    document
        .dereference(value)
        .map_or(value, |(_, object)| object)
}
