//! What tests/vectors/runner/driver_store.h drives: without an argument `Db::command`, with 2 or 3 redis-rs on a store
//! with that protocol.
use std::io::{self, BufRead, Write};
use std::time::{Duration, SystemTime};

use redis::ConnectionLike;
use redislite::{Clock, Db, Options, Value};
use redislite_redis::Connection;

struct Store {
    db: Db,
    clock: Clock,
    now: u64,
    client: Option<Connection>,
}

fn open(words: &[Vec<u8>], protocol: u32) -> Result<Store, String> {
    let text = |word: &Vec<u8>| String::from_utf8_lossy(word).into_owned();
    let now = text(&words[1]).parse().expect("milliseconds");
    let clock = Clock::new(SystemTime::UNIX_EPOCH + Duration::from_millis(now));
    let mut options = Options::new().clock(&clock);
    for pair in words[2..].chunks(2) {
        options = options.set(&text(&pair[0]), &text(&pair[1]));
    }
    let db = options.open(text(&words[0])).map_err(|error| error.to_string())?;
    let client = match protocol {
        2 => Some(Connection::new(&db)),
        3 => Some(Connection::new_resp3(&db)),
        _ => None,
    };
    Ok(Store { client: client.transpose().map_err(|error| error.to_string())?, db, clock, now })
}

fn main() -> io::Result<()> {
    let protocol = std::env::args().nth(1).map_or(0, |argument| argument.parse().expect("2 or 3"));
    let (mut input, mut output) = (io::stdin().lock(), io::BufWriter::new(io::stdout().lock()));
    let mut store = None;
    while let Some(words) = read_request(&mut input)? {
        let mut done = Ok(());
        match (&words[0][..], &mut store) {
            (b"open", _) => done = open(&words[1..], protocol).map(|opened| store = Some(opened)),
            (b"close", Some(open)) => {
                open.client = None;
                done = open.db.close().map_err(|error| error.to_string());
                store = None;
            }
            (b"clock", Some(open)) => {
                let now = String::from_utf8_lossy(&words[1]).parse().expect("milliseconds");
                open.clock.advance(Duration::from_millis(now - open.now));
                open.now = now;
            }
            (b"do", Some(Store { client: Some(client), .. })) => {
                let mut command = redis::Cmd::new();
                command.arg(&words[1..]);
                match client.req_command(&command) {
                    Ok(value) => write_client_value(&mut output, &value)?,
                    Err(error) => write_error(&mut output, &error_text(&error))?,
                }
                output.flush()?;
                continue;
            }
            (b"do", Some(open)) => {
                match open.db.command(&words[1..]) {
                    Ok(reply) => write_value(&mut output, &reply.value())?,
                    Err(error) => write_error(&mut output, error.message())?,
                }
                output.flush()?;
                continue;
            }
            other => panic!("{other:?} comes at a wrong time", other = other.0),
        }
        match done {
            Ok(()) => output.write_all(b"+OK\r\n")?,
            Err(error) => write_error(&mut output, &error)?,
        }
        output.flush()?;
    }
    Ok(())
}

/// Redis' text, which redis-rs has taken apart.
fn error_text(error: &redis::RedisError) -> String {
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        (Some(code), None) => code.into(),
        _ => error.to_string(),
    }
}

fn read_length(input: &mut impl BufRead) -> io::Result<Option<usize>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(line[1..].trim_end().parse().expect("a length")))
}

fn read_request(input: &mut impl BufRead) -> io::Result<Option<Vec<Vec<u8>>>> {
    let Some(count) = read_length(input)? else { return Ok(None) };
    let mut words = Vec::with_capacity(count);
    for _ in 0..count {
        let length = read_length(input)?.expect("a word");
        let mut word = vec![0; length + 2];
        input.read_exact(&mut word)?;
        word.truncate(length);
        words.push(word);
    }
    Ok(Some(words))
}

fn write_error(out: &mut impl Write, text: &str) -> io::Result<()> {
    write!(out, "-{text}\r\n")
}

fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write!(out, "${}\r\n", bytes.len())?;
    out.write_all(bytes)?;
    out.write_all(b"\r\n")
}

fn write_status(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(b"+")?;
    out.write_all(bytes)?;
    out.write_all(b"\r\n")
}

fn write_verbatim(out: &mut impl Write, text: &[u8]) -> io::Result<()> {
    write!(out, "={}\r\ntxt:", text.len() + 4)?;
    out.write_all(text)?;
    out.write_all(b"\r\n")
}

fn write_value(out: &mut impl Write, value: &Value<'_>) -> io::Result<()> {
    let elements = value.elements();
    match value {
        Value::Status(text) => write_status(out, text),
        Value::Error(error) => write_error(out, error.message()),
        Value::Integer(integer) => write!(out, ":{integer}\r\n"),
        Value::String(bytes) => write_bytes(out, bytes),
        Value::Double(number) => write!(out, ",{number}\r\n"),
        Value::Boolean(yes) => write!(out, "#{}\r\n", if *yes { 't' } else { 'f' }),
        Value::BigNumber(digits) => write!(out, "({}\r\n", String::from_utf8_lossy(digits)),
        Value::Verbatim(text) => write_verbatim(out, text),
        Value::Array(_) => write!(out, "*{}\r\n", elements.len()),
        Value::Map(_) => write!(out, "%{}\r\n", elements.len() / 2),
        Value::Set(_) => write!(out, "~{}\r\n", elements.len()),
        Value::Push(_) => write!(out, ">{}\r\n", elements.len()),
        _ => write!(out, "_\r\n"),
    }?;
    for element in elements {
        write_value(out, &element)?;
    }
    Ok(())
}

fn write_client_value(out: &mut impl Write, value: &redis::Value) -> io::Result<()> {
    use redis::Value;
    let mut all = |mark: char, values: &[Value]| {
        write!(out, "{mark}{}\r\n", values.len())?;
        values.iter().try_for_each(|each| write_client_value(out, each))
    };
    match value {
        Value::Array(values) => all('*', values),
        Value::Set(values) => all('~', values),
        Value::Push { data, .. } => all('>', data),
        Value::Map(pairs) => {
            write!(out, "%{}\r\n", pairs.len())?;
            pairs.iter().try_for_each(|(key, value)| {
                write_client_value(out, key)?;
                write_client_value(out, value)
            })
        }
        Value::Nil => write!(out, "_\r\n"),
        Value::Int(integer) => write!(out, ":{integer}\r\n"),
        Value::BulkString(bytes) => write_bytes(out, bytes),
        Value::SimpleString(text) => write_status(out, text.as_bytes()),
        Value::Okay => write_status(out, b"OK"),
        Value::Double(number) => write!(out, ",{number}\r\n"),
        Value::Boolean(yes) => write!(out, "#{}\r\n", if *yes { 't' } else { 'f' }),
        Value::VerbatimString { text, .. } => write_verbatim(out, text.as_bytes()),
        Value::ServerError(error) => write_error(out, &error_text(&error.clone().into())),
        other => write_error(out, &format!("redis-rs gives {other:?}")),
    }
}
