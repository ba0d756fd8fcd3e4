//! A mail server for tests: it speaks SMTP over a real socket and keeps what it gets.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mail_parser::MessageParser;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How long a test waits for a mail before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub struct SinkMail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Header and text, dots unstuffed, lines ended by CR LF.
    pub raw: Vec<u8>,
}

impl SinkMail {
    /// The subject, decoded; empty when there is none.
    pub fn subject(&self) -> String {
        self.parsed(|mail| mail.subject().map(str::to_owned))
    }

    /// The text, decoded from whatever transfer encoding and character set, lines ended by `\n`.
    pub fn text(&self) -> String {
        self.parsed(|mail| Some(mail.body_text(0)?.replace("\r\n", "\n")))
    }

    /// A header as it stands in the mail, without its name; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.parsed(|mail| Some(mail.header_raw(name)?.trim().to_owned()))
    }

    /// The first link of the text; empty when there is none.
    pub fn link(&self) -> String {
        self.text()
            .split_whitespace()
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
            .unwrap_or_default()
            .to_owned()
    }

    fn parsed(&self, read: impl Fn(&mail_parser::Message<'_>) -> Option<String>) -> String {
        MessageParser::default()
            .parse(&self.raw)
            .and_then(|mail| read(&mail))
            .unwrap_or_default()
    }
}

/// The server. It stops, and hangs up on everybody, when dropped.
pub struct SmtpSink {
    address: SocketAddr,
    letterbox: Arc<Letterbox>,
    task: JoinHandle<()>,
}

struct Letterbox {
    mails: watch::Sender<Vec<SinkMail>>,
    failures: Mutex<VecDeque<u16>>,
}

impl SmtpSink {
    /// Listens on a free port of the loopback.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let letterbox = Arc::new(Letterbox {
            mails: watch::Sender::new(Vec::new()),
            failures: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&letterbox)));
        Ok(Self {
            address,
            letterbox,
            task,
        })
    }

    /// What to give as `mail.smtp_url`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// All that has arrived, oldest first.
    pub fn mails(&self) -> Vec<SinkMail> {
        self.letterbox.mails.borrow().clone()
    }

    /// Waits until at least `n` mails have arrived since the start, and returns all; fails after 20 seconds.
    pub async fn wait_for(&self, n: usize) -> anyhow::Result<Vec<SinkMail>> {
        let mut mails = self.letterbox.mails.subscribe();
        let waiting = mails.wait_for(|mails| mails.len() >= n);
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(mails) => Ok(mails?.clone()),
            Err(_) => anyhow::bail!("{} of {n} mails arrived", self.mails().len()),
        }
    }

    /// Answers the next DATA with this code, such as 451 (try again) or 550 (refused). Several calls queue up.
    pub fn fail_next(&self, code: u16) {
        self.letterbox.failures().push_back(code);
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Letterbox {
    fn failures(&self) -> std::sync::MutexGuard<'_, VecDeque<u16>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The conversations stand in this task's set, so they end with it.
async fn accept(listener: TcpListener, letterbox: Arc<Letterbox>) {
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let letterbox = Arc::clone(&letterbox);
        conversations.spawn(async move {
            // A client that hangs up in the middle is no concern of the test.
            let _ = converse(stream, &letterbox).await;
        });
        while conversations.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, letterbox: &Letterbox) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    let mut envelope: Option<(String, Vec<String>)> = None;
    say(&mut writer, "220 sink ESMTP").await?;
    loop {
        let Some(line) = line(&mut reader).await? else {
            return Ok(());
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match (verb.as_str(), &mut envelope) {
            ("EHLO" | "HELO" | "RSET", _) => {
                envelope = None;
                say(&mut writer, "250 sink").await?;
            }
            ("NOOP", _) => say(&mut writer, "250 OK").await?,
            ("QUIT", _) => return say(&mut writer, "221 bye").await,
            ("MAIL", None) => {
                envelope = Some((path(&line), Vec::new()));
                say(&mut writer, "250 OK").await?;
            }
            ("RCPT", Some((_, to))) => {
                to.push(path(&line));
                say(&mut writer, "250 OK").await?;
            }
            ("DATA", Some((_, to))) if !to.is_empty() => {
                let failure = letterbox.failures().pop_front();
                let sent = envelope.take();
                if let Some(code) = failure {
                    say(&mut writer, &format!("{code} as the test asked")).await?;
                } else {
                    say(&mut writer, "354 go on").await?;
                    let Some(raw) = data(&mut reader).await? else {
                        return Ok(());
                    };
                    if let Some((from, to)) = sent {
                        letterbox
                            .mails
                            .send_modify(|mails| mails.push(SinkMail { from, to, raw }));
                    }
                    say(&mut writer, "250 kept").await?;
                }
            }
            ("MAIL" | "RCPT" | "DATA", _) => say(&mut writer, "503 not now").await?,
            _ => say(&mut writer, "500 unknown").await?,
        }
    }
}

async fn say(writer: &mut (impl AsyncWrite + Unpin), answer: &str) -> io::Result<()> {
    writer.write_all(format!("{answer}\r\n").as_bytes()).await
}

/// A line without its end; none at the end of the connection.
async fn line(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    while matches!(line.last(), Some(b'\r' | b'\n')) {
        line.pop();
    }
    Ok(Some(line))
}

/// Up to the line with a single dot. A dot put before a line that began with one is taken off (RFC 5321, 4.5.2).
async fn data(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    while let Some(line) = line(reader).await? {
        if line == b"." {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        raw.extend_from_slice(b"\r\n");
    }
    Ok(None)
}

/// What stands between the angle brackets of MAIL FROM and RCPT TO.
fn path(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or_else(String::new, |(address, _)| address.to_owned())
}
