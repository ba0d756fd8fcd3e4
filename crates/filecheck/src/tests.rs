use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use super::*;

/// A document of two empty pages, and what a test makes of it; `change` is given the catalogue and a page.
fn pdf(change: impl FnOnce(&mut Document, ObjectId, ObjectId)) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let page = dictionary! { "Type" => "Page", "Parent" => tree, "MediaBox" => vec![0.into(), 0.into(), 9.into(), 9.into()] };
    let pages: Vec<ObjectId> = (0..2).map(|_| document.add_object(page.clone())).collect();
    let kids: Vec<Object> = pages.iter().map(|id| (*id).into()).collect();
    document.objects.insert(
        tree,
        dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids }.into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    change(&mut document, catalog, pages[0]);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn code(bytes: &[u8]) -> String {
    match examine(bytes) {
        Verdict::Sound { media_type, .. } => media_type,
        Verdict::Refused { code, detail } => {
            assert!(
                detail.contains(';') || detail.contains(':'),
                "no remedy: {detail}"
            );
            code
        }
    }
}

/// An action that is carried out when the document is opened.
fn opening(action: lopdf::Dictionary) -> Vec<u8> {
    pdf(|document, catalog, _| {
        let action = document.add_object(action);
        let catalog = document.get_dictionary_mut(catalog).unwrap();
        catalog.set("OpenAction", action);
    })
}

#[test]
fn a_plain_pdf_is_taken_with_its_pages() {
    let bytes = pdf(|_, _, _| ());
    let expected = Verdict::Sound {
        media_type: "application/pdf".into(),
        pages: Some(2),
    };
    assert_eq!(examine(&bytes), expected);
    // A link to a page and one to the web do nothing by themselves.
    let links = opening(
        dictionary! { "S" => "URI", "URI" => Object::string_literal("https://example.org/JavaScript") },
    );
    assert_eq!(examine(&links), expected);
}

#[test]
fn what_a_pdf_would_do_is_found_wherever_it_stands() {
    let script = || Object::string_literal("app.alert(1)");
    assert_eq!(
        code(&opening(
            dictionary! { "S" => "JavaScript", "JS" => script() }
        )),
        "file_has_script"
    );
    // Spelt otherwise, it is the same name.
    let mut spelt = opening(dictionary! { "S" => "JavaScripXXX", "X" => script() });
    let at = spelt.windows(3).position(|part| part == b"XXX").unwrap();
    spelt[at..at + 3].copy_from_slice(b"#74");
    assert_eq!(code(&spelt), "file_has_script");
    assert_eq!(
        code(&opening(dictionary! { "S" => "Launch", "F" => script() })),
        "file_has_action"
    );
    assert_eq!(
        code(&opening(dictionary! { "S" => "SubmitForm" })),
        "file_has_action"
    );
    let nested = pdf(|document, _, page| {
        let additional =
            dictionary! { "O" => dictionary! { "S" => "JavaScript", "JS" => script() } };
        let deep = vec![Object::Array(vec![
            dictionary! { "AA" => additional }.into(),
        ])];
        document
            .get_dictionary_mut(page)
            .unwrap()
            .set("Annots", deep);
    });
    assert_eq!(code(&nested), "file_has_script");
    let form = pdf(|document, catalog, _| {
        let form = dictionary! { "XFA" => Object::string_literal("<xdp/>"), "Fields" => Vec::<Object>::new() };
        document
            .get_dictionary_mut(catalog)
            .unwrap()
            .set("AcroForm", form);
    });
    assert_eq!(code(&form), "file_has_script");
    let carrier = pdf(|document, _, _| {
        let file = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, b"MZ".to_vec());
        let file = document.add_object(file);
        document.add_object(dictionary! { "F" => Object::string_literal("a.exe"), "EF" => dictionary! { "F" => file } });
    });
    assert_eq!(code(&carrier), "file_has_attachment");
}

#[test]
fn what_cannot_be_read_is_refused_by_what_is_wrong() {
    let sound = pdf(|_, _, _| ());
    let encrypted = pdf(|document, _, _| {
        let how = dictionary! { "Filter" => "Standard", "V" => 1, "R" => 2, "P" => -4,
        "O" => Object::string_literal("x".repeat(32)), "U" => Object::string_literal("y".repeat(32)) };
        let how = document.add_object(how);
        document.trailer.set("Encrypt", how);
    });
    assert_eq!(code(&encrypted), "file_encrypted");
    assert_eq!(code(&sound[..60]), "file_broken");
    assert_eq!(code(b"%PDF-1.7\n%%EOF\n"), "file_broken");
    assert_eq!(code(b"<html><script>alert(1)</script></html>"), "file_kind");
    assert_eq!(code(b"MZ\x90\x00"), "file_kind");
    assert_eq!(code(b""), "file_kind");
}

#[test]
fn pictures_are_read_to_their_end() {
    for (format, media_type) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::new(40, 30).write_to(&mut bytes, format).unwrap();
        let bytes = bytes.into_inner();
        assert_eq!(code(&bytes), media_type);
        assert_eq!(code(&bytes[..bytes.len() / 2]), "file_broken");
    }
    // A picture that says it is huge costs nothing.
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(1, 1)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    let mut bytes = bytes.into_inner();
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    assert!(["image_too_large", "file_broken"].contains(&code(&bytes).as_str()));
}
