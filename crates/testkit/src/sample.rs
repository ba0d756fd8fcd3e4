//! Files to upload: small, whole, and written by hand so that a test can spoil every byte of them.

/// A PDF of so many empty pages, with further objects from number `pages + 3` on; `catalog` is added to the
/// catalogue, `trailer` to the trailer.
pub fn pdf_with(pages: usize, catalog: &str, objects: &[&str], trailer: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 3)).collect();
    let mut bodies = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        format!(
            "<< /Type /Pages /Count {pages} /Kids [{}] >>",
            kids.join(" ")
        ),
    ];
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>";
    bodies.extend((0..pages).map(|_| page.to_owned()));
    bodies.extend(objects.iter().map(|body| (*body).to_owned()));
    let mut text = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (at, body) in bodies.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{body}\nendobj\n", at + 1));
    }
    let (start, count) = (text.len(), bodies.len() + 1);
    text.push_str(&format!(
        "xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    ));
    text.into_bytes()
}

/// A PDF of so many pages that differs from those with another remark.
pub fn pdf(pages: usize, remark: &str) -> Vec<u8> {
    pdf_with(pages, "", &[&format!("({remark})")], "")
}

/// A PDF that runs a script when it is opened.
pub fn pdf_with_script() -> Vec<u8> {
    let script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
    pdf_with(1, "/OpenAction 4 0 R", &[script], "")
}

/// A PDF that asks for a password.
pub fn encrypted_pdf() -> Vec<u8> {
    let word = "x".repeat(32);
    let how = format!("<< /Filter /Standard /V 1 /R 2 /P -4 /O ({word}) /U ({word}) >>");
    pdf_with(1, "", &[&how], "/Encrypt 4 0 R /ID [<01> <01>]")
}

/// A picture of four pixels.
pub fn png() -> Vec<u8> {
    png_that_says(2)
}

/// The same, which says that it has so many pixels a side.
pub fn png_that_says(side: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend(side.to_be_bytes());
    head.extend(side.to_be_bytes());
    // Eight bits of grey.
    head.extend([8, 0, 0, 0, 0]);
    // Two rows of a filter's byte and two pixels, stored without compression (RFC 1950, RFC 1951).
    let rows = [0, 10, 20, 0, 30, 40];
    let mut data = vec![0x78, 0x01, 0x01, 6, 0, 0xf9, 0xff];
    data.extend(rows);
    data.extend(adler(&rows).to_be_bytes());
    for (kind, body) in [(b"IHDR", head), (b"IDAT", data), (b"IEND", Vec::new())] {
        bytes.extend((body.len() as u32).to_be_bytes());
        let named = [kind.as_slice(), &body].concat();
        bytes.extend(&named);
        bytes.extend(crc(&named).to_be_bytes());
    }
    bytes
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    (b << 16) | a
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc >>= 1;
            if odd {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}
