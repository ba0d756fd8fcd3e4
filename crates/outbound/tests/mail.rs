//! Mails through a real SMTP conversation, and as files, read back by another implementation.

use outbound::mail::SettingFault;
use outbound::{FileMailer, SmtpMailer};
use serde_json::json;
use service::ports::{MailFault, Mailer, OutgoingMail};
use testkit::smtp_sink::SmtpSink;

const FROM: &str = "Sécrétariat ERA PerMed <no-reply@jtc.example.org>";

/// Accents, a line that begins with a dot, one that is a dot, and a link longer than a line may be.
fn mail() -> OutgoingMail {
    OutgoingMail {
        id: uuid::Uuid::from_u128(7),
        to: "zoe@example.org".to_owned(),
        template: "stage_outcome".to_owned(),
        context: json!({
            "rehearsal": false, "installation": "https://jtc.example.org", "name": "Zoë Ångström", "call": "JTC 2018: médecine personnalisée",
            "stage": "pre-proposal", "proposal": "JTC2018-007", "acronym": "ŒUVRE",
            "outcome": "not_invited", "deadline": null, "insufficient_budget": false, "conditions": [],
            "scores": [{"criterion": "Excellence", "score": "3.5"}], "total": "9.5",
            "summary": "Größe = 50 %, naïve Annahmen\n.dotted line\n.\nende",
            "link": LINK,
        }),
        message_id: "018f-7@jtc.example.org".to_owned(),
    }
}

const LINK: &str = "https://jtc.example.org/letters/018f2b9e-0000-7000-8000-000000000007?token=abcdefghijklmnopqrstuvwxyz0123456789";

#[tokio::test]
async fn what_arrives_by_smtp_decodes_to_what_was_written() {
    let sink = SmtpSink::start().await.unwrap();
    let mailer = SmtpMailer::new(&sink.url(), FROM).unwrap();
    mailer.send(&mail()).await.unwrap();

    let arrived = sink.wait_for(1).await.unwrap().remove(0);
    assert_eq!(arrived.from, "no-reply@jtc.example.org");
    assert_eq!(arrived.to, ["zoe@example.org"]);
    assert!(arrived.raw.is_ascii(), "no 8-bit text without leave");
    assert_eq!(
        arrived.header("Content-Transfer-Encoding"),
        "quoted-printable"
    );
    assert_eq!(
        arrived.subject(),
        "Result for JTC2018-007 ŒUVRE: not invited"
    );
    let text = arrived.text();
    for part in [
        "Dear Zoë Ångström,",
        "médecine personnalisée",
        "Größe = 50 %, naïve Annahmen\n.dotted line\n.\nende\n",
        "Sent by Sécrétariat ERA PerMed, https://jtc.example.org.",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(arrived.link(), LINK);
    assert_eq!(arrived.header("Message-ID"), "<018f-7@jtc.example.org>");
    assert_eq!(arrived.header("Auto-Submitted"), "auto-generated");
    assert_eq!(arrived.header("MIME-Version"), "1.0");
    assert!(arrived.header("Date").ends_with("+0000"));
}

#[tokio::test]
async fn a_mail_tried_again_keeps_its_message_id() {
    let sink = SmtpSink::start().await.unwrap();
    let mailer = SmtpMailer::new(&sink.url(), FROM).unwrap();
    mailer.send(&mail()).await.unwrap();
    mailer.send(&mail()).await.unwrap();
    let arrived = sink.wait_for(2).await.unwrap();
    assert_eq!(
        arrived[0].header("Message-ID"),
        arrived[1].header("Message-ID")
    );
}

#[tokio::test]
async fn faults_are_told_apart_and_name_nobody() {
    let sink = SmtpSink::start().await.unwrap();
    let mailer = SmtpMailer::new(&sink.url(), FROM).unwrap();

    sink.fail_next(451);
    sink.fail_next(550);
    sink.fail_next(535);
    let busy = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(&busy, MailFault::Transient(why) if why == "the server answered 451"));
    let refused = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(&refused, MailFault::Permanent(why) if why == "the server answered 550"));
    let locked_out = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(locked_out, MailFault::Transient(_)));

    mailer.send(&mail()).await.unwrap();
    assert_eq!(sink.mails().len(), 1, "a refused mail is not kept");

    let nonsense = OutgoingMail {
        to: "no address".to_owned(),
        ..mail()
    };
    assert!(matches!(
        mailer.send(&nonsense).await,
        Err(MailFault::Permanent(_))
    ));
}

#[tokio::test]
async fn a_server_that_is_away_is_a_passing_fault() {
    let sink = SmtpSink::start().await.unwrap();
    let mailer = SmtpMailer::new(&sink.url(), FROM).unwrap();
    drop(sink);
    // The listener closes when its aborted task is next polled; before that the connection is cut.
    assert!(matches!(
        mailer.send(&mail()).await,
        Err(MailFault::Transient(_))
    ));
}

#[tokio::test]
async fn tls_that_is_required_is_never_gone_without() {
    let sink = SmtpSink::start().await.unwrap();
    let url = format!("{}?tls=required", sink.url());
    let mailer = SmtpMailer::new(&url, FROM).unwrap();
    assert!(matches!(
        mailer.send(&mail()).await,
        Err(MailFault::Transient(_))
    ));
    assert!(sink.mails().is_empty());
    // Opportunistic means: where the server offers it.
    let url = format!("{}?tls=opportunistic", sink.url());
    SmtpMailer::new(&url, FROM)
        .unwrap()
        .send(&mail())
        .await
        .unwrap();
}

#[tokio::test]
async fn settings_that_cannot_work_are_found_at_the_start() {
    let fault = |url, from| SmtpMailer::new(url, from).err().unwrap();
    assert!(matches!(
        fault("smtp://user:secret@mail.example.org:587", FROM),
        SettingFault::BarePassword
    ));
    assert!(matches!(
        fault(
            "smtp://user:secret@mail.example.org?tls=opportunistic",
            FROM
        ),
        SettingFault::BarePassword
    ));
    let unreadable = fault("imap://user:secret@mail.example.org?tls=required", FROM);
    assert!(matches!(unreadable, SettingFault::Url(_)));
    assert!(!format!("{unreadable} {unreadable:?}").contains("secret"));
    assert!(matches!(
        fault("smtp://mail.example.org", "nobody"),
        SettingFault::From(_)
    ));
    assert!(SmtpMailer::new("smtps://user:s%40cret@mail.example.org", FROM).is_ok());
}

#[tokio::test]
async fn a_file_is_a_whole_mail_that_can_be_read_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("var/mail");
    let mailer = FileMailer::new(&folder, FROM).unwrap();
    mailer.send(&mail()).await.unwrap();
    mailer.send(&mail()).await.unwrap();

    let names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["00000000-0000-0000-0000-000000000007.eml"]);
    let path = folder.join(&names[0]);
    let raw = std::fs::read(&path).unwrap();
    let plain = String::from_utf8(raw.clone()).unwrap();
    assert!(plain.contains(LINK), "the link is whole in {plain}");
    assert!(plain.contains("Größe = 50 %"));
    let parsed = mail_parser::MessageParser::default().parse(&raw).unwrap();
    assert_eq!(
        parsed.subject(),
        Some("Result for JTC2018-007 ŒUVRE: not invited")
    );
    assert!(parsed.body_text(0).unwrap().contains("Zoë Ångström"));
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "links that log in are not for others");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_a_passing_fault() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mailer = FileMailer::new(file.join("mail"), FROM).unwrap();
    assert!(matches!(
        mailer.send(&mail()).await,
        Err(MailFault::Transient(_))
    ));
}
