//! The sink, spoken to by hand.

use testkit::smtp_sink::SmtpSink;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Says each line and returns the codes of the answers, the greeting's first.
async fn codes(sink: &SmtpSink, lines: &[&str]) -> std::io::Result<Vec<String>> {
    let address = sink.url().replace("smtp://", "");
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    let mut codes = Vec::new();
    for line in [&""].into_iter().chain(lines) {
        if !line.is_empty() {
            stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        }
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        codes.push(answer[..3].to_owned());
    }
    Ok(codes)
}

#[tokio::test]
async fn a_conversation_by_the_book_is_kept_with_its_dots() {
    let sink = SmtpSink::start().await.unwrap();
    let said = [
        "EHLO here",
        "MAIL FROM:<a@example.org> BODY=8BITMIME",
        "RCPT TO:<b@example.org>",
        "rcpt to:<c@example.org>",
        "DATA",
        "Subject: =?utf-8?q?=C5=92uvre?=\r\n\r\n..dot\r\n...\r\n.",
        "NOOP",
        "QUIT",
    ];
    let expected = [
        "220", "250", "250", "250", "250", "354", "250", "250", "221",
    ];
    assert_eq!(codes(&sink, &said).await.unwrap(), expected);

    let mail = sink.wait_for(1).await.unwrap().remove(0);
    assert_eq!(mail.from, "a@example.org");
    assert_eq!(mail.to, ["b@example.org", "c@example.org"]);
    assert_eq!(mail.subject(), "Œuvre");
    assert!(mail.raw.ends_with(b"\r\n\r\n.dot\r\n..\r\n"));
    assert_eq!(mail.link(), "");
}

#[tokio::test]
async fn what_is_out_of_order_or_failed_is_refused_and_not_kept() {
    let sink = SmtpSink::start().await.unwrap();
    sink.fail_next(451);
    let said = [
        "RCPT TO:<b@example.org>",
        "DATA",
        "MAIL FROM:<a@example.org>",
        "DATA",
        "MAIL FROM:<a@example.org>",
        "RSET",
        "MAIL FROM:<a@example.org>",
        "RCPT TO:<b@example.org>",
        "DATA",
        "EXPN everybody",
    ];
    let expected = [
        "220", "503", "503", "250", "503", "503", "250", "250", "250", "451", "500",
    ];
    assert_eq!(codes(&sink, &said).await.unwrap(), expected);
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn waiting_ends_with_the_mail_and_not_before() {
    let sink = SmtpSink::start().await.unwrap();
    let said = [
        "MAIL FROM:<>",
        "RCPT TO:<b@example.org>",
        "DATA",
        "\r\nhello\r\n.",
    ];
    let (mails, answers) = tokio::join!(sink.wait_for(1), codes(&sink, &said));
    assert_eq!(answers.unwrap().len(), 5);
    assert_eq!(mails.unwrap()[0].text(), "hello\n");
}
