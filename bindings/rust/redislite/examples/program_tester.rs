//! What tests/bindings/programs/README.md asks of a tester, in Rust: `program_tester PROGRAM DIRECTORY FIRST`
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use redislite::{Clock, Condition, Db, Options, Result, Scan, SetOptions, Ttl, Value};
use serde_json::Value as Json;

const STACK_DEPTH: usize = 16;
const PUSHED_BYTES: usize = 100;

/// What a step replied: its line, and what the stack gets.
struct Answer {
    text: String,
    pushed: Vec<u8>,
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from('"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' | 0..0x20 | 0x7f.. => out += &format!("\\x{byte:02x}"),
            _ => out.push(byte.into()),
        }
    }
    out + "\""
}

fn text(line: String) -> Answer {
    Answer { pushed: line.clone().into_bytes(), text: line }
}

fn string(bytes: Vec<u8>) -> Answer {
    Answer { text: quoted(&bytes), pushed: bytes }
}

fn integer(integer: i64) -> Answer {
    Answer { text: format!(":{integer}"), pushed: integer.to_string().into_bytes() }
}

fn ok() -> Answer {
    Answer { text: "+\"OK\"".into(), pushed: b"OK".to_vec() }
}

fn array(parts: &[String]) -> Answer {
    text(format!("[{}]", parts.join(" ")))
}

fn sorted(mut parts: Vec<String>) -> Vec<String> {
    parts.sort();
    parts
}

fn texts(value: &Value<'_>) -> Vec<String> {
    value.elements().map(|element| from_value(&element).text).collect()
}

fn from_value(value: &Value<'_>) -> Answer {
    match value {
        Value::Nil => text("nil".into()),
        Value::Status(bytes) => Answer { text: format!("+{}", quoted(bytes)), pushed: bytes.to_vec() },
        Value::Error(error) => text(format!("!{} {}", error.code(), quoted(error.message().as_bytes()))),
        Value::Integer(number) => integer(*number),
        Value::String(bytes) => string(bytes.to_vec()),
        Value::Double(number) => text(format!(",{:016x}", number.to_bits())),
        Value::Boolean(yes) => text(if *yes { "#t" } else { "#f" }.into()),
        Value::Array(_) => array(&texts(value)),
        Value::Set(_) => text(format!("~[{}]", sorted(texts(value)).join(" "))),
        Value::Map(_) => {
            let pairs = texts(value).chunks(2).map(|pair| pair.join(" ")).collect();
            text(format!("{{{}}}", sorted(pairs).join(", ")))
        }
        other => panic!("a reply that is {other:?}"),
    }
}

fn number(digits: &[u8]) -> i64 {
    std::str::from_utf8(digits).expect("digits").parse().expect("a number")
}

fn milliseconds(digits: &[u8]) -> Duration {
    Duration::from_millis(number(digits).try_into().expect("no negative time"))
}

struct Machine {
    directory: PathBuf,
    options: Vec<(String, String)>,
    clock: Clock,
    now_ms: i64,
    db: Db,
    stack: VecDeque<Vec<u8>>,
}

fn open(directory: &PathBuf, options: &[(String, String)], clock: &Clock) -> Db {
    let mut chosen = Options::new().clock(clock);
    for (name, value) in options {
        chosen = chosen.set(name, value);
    }
    chosen.open(directory).expect("the store opens")
}

impl Machine {
    fn new(program: &Json, directory: PathBuf, first: usize) -> Machine {
        let steps = program["steps"].as_array().expect("steps");
        let clocks = steps[..first].iter().filter(|step| step[0] == "clock");
        let passed: i64 = clocks.map(|step| number(step[1].as_str().expect("a string").as_bytes())).sum();
        let now_ms = program["start_ms"].as_i64().expect("start_ms") + passed;
        let since = Duration::from_millis(now_ms.try_into().expect("a time after 1970"));
        let clock = Clock::new(SystemTime::UNIX_EPOCH + since);
        let text = |value: &Json| value.as_str().expect("a string").to_owned();
        let options: Vec<_> = program["options"]
            .as_object()
            .expect("options")
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        let db = open(&directory, &options, &clock);
        Machine { directory, options, clock, now_ms, db, stack: VecDeque::new() }
    }

    fn operand(&self, operand: &Json) -> Vec<u8> {
        match operand {
            Json::String(characters) => {
                characters.chars().map(|one| u8::try_from(one).expect("no character above U+00FF")).collect()
            }
            _ => {
                let depth = operand.as_u64().expect("a string or a number") as usize;
                let at = self.stack.len().checked_sub(depth + 1);
                at.map(|at| self.stack[at].clone()).unwrap_or_default()
            }
        }
    }

    fn words(&self, operands: &[Json]) -> Vec<Vec<u8>> {
        operands.iter().map(|operand| self.operand(operand)).collect()
    }

    fn run(&mut self, step: &[Json]) -> String {
        let name = step[0].as_str().expect("a step's name");
        let mut answer = if name == "batch" {
            self.batch(&step[1..])
        } else {
            let words = self.words(&step[1..]);
            self.perform(name, &words).unwrap_or_else(|error| match name {
                "command" | "sorted" => from_value(&Value::Error(error)),
                _ => text(format!("!{}", error.code())),
            })
        };
        if !matches!(name, "push" | "concat" | "repeat") {
            answer.pushed.truncate(PUSHED_BYTES);
        }
        self.stack.push_back(answer.pushed);
        if self.stack.len() > STACK_DEPTH {
            self.stack.pop_front();
        }
        answer.text
    }

    fn batch(&self, commands: &[Json]) -> Answer {
        let mut batch = self.db.batch().expect("a batch");
        let added: Vec<_> = commands
            .iter()
            .map(|command| batch.add(self.words(command.as_array().expect("a command"))))
            .map(|result| format!(":{}", result.map_or_else(|error| error.code(), |()| 0)))
            .collect();
        let committed = match batch.commit() {
            Ok(reply) => from_value(&reply.value()).text,
            Err(error) => format!("!{}", error.code()),
        };
        array(&[array(&added).text, committed])
    }

    fn perform(&mut self, name: &str, of: &[Vec<u8>]) -> Result<Answer> {
        let db = &self.db;
        Ok(match name {
            "push" => string(of[0].clone()),
            "concat" => string([&of[0][..], &of[1]].concat()),
            "repeat" => string(of[0].repeat(number(&of[1]) as usize)),
            "set" => db.set(&of[0], &of[1]).map(|()| ok())?,
            "set_with" => {
                let ttl = Some(milliseconds(&of[2])).filter(|ttl| !ttl.is_zero());
                let condition = match &of[3][..] {
                    b"NX" => Condition::New,
                    b"XX" => Condition::Existing,
                    _ => Condition::Always,
                };
                let options = SetOptions { ttl, condition, keep_ttl: of[3] == b"KEEPTTL" };
                if db.set_with(&of[0], &of[1], options)? { ok() } else { text("nil".into()) }
            }
            "get" => db.get(&of[0])?.map_or_else(|| text("nil".into()), string),
            "del" => integer(db.del(&of[0])?.into()),
            "exists" => integer(db.exists(&of[0])?.into()),
            "incr_by" => integer(db.incr_by(&of[0], number(&of[1]))?),
            "expire" => integer(db.expire(&of[0], milliseconds(&of[1]))?.into()),
            "persist" => db.persist(&of[0]).map(|_| ok())?,
            "ttl" => integer(match db.ttl(&of[0])? {
                Ttl::Missing => -2,
                Ttl::Never => -1,
                Ttl::In(time) => time.as_millis() as i64,
            }),
            "count" => integer(db.count()? as i64),
            "scan" => {
                let pattern = Some(String::from_utf8(of[0].clone()).expect("a pattern that is text"));
                let keys = db.keys(Scan { pattern, ..Default::default() });
                array(&sorted(keys.map(|key| key.map(|key| quoted(&key))).collect::<Result<_>>()?))
            }
            "command" | "sorted" => {
                let reply = db.command(of)?;
                match reply.value() {
                    value @ Value::Array(_) if name == "sorted" => array(&sorted(texts(&value))),
                    value => from_value(&value),
                }
            }
            "clock" => {
                self.clock.advance(milliseconds(&of[0]));
                self.now_ms += number(&of[0]);
                integer(self.now_ms)
            }
            "sync" => db.sync().map(|()| ok())?,
            "snapshot" => db.snapshot().map(|()| ok())?,
            "reopen" => {
                db.close()?;
                self.db = open(&self.directory, &self.options, &self.clock);
                ok()
            }
            "kill" => ok(),
            _ => panic!("no step '{name}'"),
        })
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let program: Json = serde_json::from_slice(&std::fs::read(&arguments[1])?)?;
    let first = arguments[3].parse().expect("the number of a step");
    let mut machine = Machine::new(&program, PathBuf::from(&arguments[2]), first);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (number, step) in program["steps"].as_array().expect("steps").iter().enumerate().skip(first) {
        let step = step.as_array().expect("a step");
        writeln!(out, "{number} {}", machine.run(step))?;
        if step[0] == "kill" {
            out.flush()?;
            io::stdin().read_to_end(&mut Vec::new())?;
            panic!("nobody has killed it");
        }
    }
    machine.db.close().map_err(io::Error::from)?;
    out.flush()
}
