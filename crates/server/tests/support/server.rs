//! A server process of a test: started on a free port, ended with the test.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::client::Client;
use super::command::{self, Finished};
use super::test_data::TestData;

/// How long a server may take to say where it listens, and to end. Generous: machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the first start prints once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) key: String,
}

impl Credentials {
    /// Reads the labelled lines, such as `API key: eyJ…`; `None` when one is missing.
    pub(crate) fn read(output: &str) -> Option<Self> {
        let labelled = |label: &str| {
            let mut values = output.lines().filter_map(|line| line.trim().strip_prefix(label));
            values.next().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        Some(Self {
            email: labelled("E-mail:")?,
            password: labelled("Password:")?,
            key: labelled("API key:")?,
        })
    }
}

/// A running server process. Dropped, it is killed, by its own id and no other.
pub(crate) struct Running {
    child: Child,
    output: Arc<Output>,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Running {
    /// Starts a server on `data` and a free port, and waits until it says where it listens.
    ///
    /// # Panics
    /// When it ends or stays silent; its output is part of the message.
    pub(crate) fn start(data: &TestData, arguments: &[&str]) -> Self {
        Self::start_at(&data.arguments(), arguments)
    }

    /// As `start`, at a place that tests have made otherwise, such as `["--database-url", URL]`.
    pub(crate) fn start_at(place: &[impl AsRef<OsStr>], arguments: &[&str]) -> Self {
        let mut command = command::program();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(place).args(arguments);
        let mut child = spawn(&mut command);
        let output = Arc::new(Output::default());
        Output::follow(&output, child.stdout.take().expect("its output is a pipe"), Stream::Stdout);
        Output::follow(&output, child.stderr.take().expect("its log is a pipe"), Stream::Stderr);
        match output.wait_for_url() {
            Some(url) => Self { child, output, url },
            None => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the server does not say where it listens; it wrote:\n{}", output.all());
            }
        }
    }

    /// What a first start prints together with the URL, but is read line by line.
    ///
    /// # Panics
    /// When it does not come.
    pub(crate) fn wait_for_credentials(&self) -> Credentials {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Credentials::read(&self.stdout()) {
                Some(credentials) => return credentials,
                None if Instant::now() < deadline => thread::sleep(Duration::from_millis(10)),
                None => panic!("no credentials in:\n{}", self.stdout()),
            }
        }
    }

    /// All that the server has written to its standard output.
    pub(crate) fn stdout(&self) -> String {
        self.output.text(Stream::Stdout)
    }

    /// All that the server has written, its log included.
    pub(crate) fn all_output(&self) -> String {
        self.output.all()
    }

    /// Asks the server to end, as an init system does; it goes on meanwhile.
    pub(crate) fn terminate(&self) {
        let status = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(status.is_ok_and(|status| status.success()), "the signal reaches the server");
    }

    /// Waits for the server to end by itself.
    ///
    /// # Panics
    /// When it does not.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.wait_for_end()
    }

    /// As `wait`; all that the server wrote.
    pub(crate) fn wait_for_output(mut self) -> String {
        self.wait_for_end();
        self.output.wait_for_end();
        self.output.all()
    }

    fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end; it wrote:\n{}", self.output.all());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends the server at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // One that has ended already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            eprintln!("the server wrote:\n{}", self.output.all());
        }
    }
}

/// A server with a fresh workspace without demo records, and its administrator's credentials.
pub(crate) struct TestServer {
    running: Running,
    pub(crate) credentials: Credentials,
    data: TestData,
}

impl TestServer {
    /// Starts on a copy of data that is prepared once for all tests.
    pub(crate) fn start() -> Self {
        let (data, credentials) = TestData::prepared();
        Self { running: Running::start(&data, &[]), credentials, data }
    }

    /// Starts where there is nothing, so that the server makes the workspace itself.
    pub(crate) fn start_new(arguments: &[&str]) -> Self {
        let data = TestData::new();
        let running = Running::start(&data, arguments);
        let credentials = running.wait_for_credentials();
        Self { running, credentials, data }
    }

    pub(crate) fn url(&self) -> &str {
        &self.running.url
    }

    /// Where its data lies.
    pub(crate) fn data(&self) -> &TestData {
        &self.data
    }

    /// Runs a command of `fourfold` on this server's data, beside it.
    pub(crate) fn fourfold(&self, arguments: &[&str]) -> Finished {
        self.data.fourfold(arguments)
    }

    /// As `fourfold`, with `input` on its standard input.
    pub(crate) fn fourfold_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        self.data.fourfold_with_input(arguments, input)
    }

    /// A client with the API key of the first start, which may do everything.
    pub(crate) fn client(&self) -> Client {
        self.client_with(&self.credentials.key)
    }

    /// A client with this token.
    pub(crate) fn client_with(&self, token: &str) -> Client {
        Client::new(&self.running.url, Some(token))
    }

    /// A client without a token.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.running.url, None)
    }

    /// Kills the server as `kill -9` does and starts another on the same data.
    pub(crate) fn kill_and_restart(self) -> Self {
        let Self { running, credentials, data } = self;
        running.kill();
        let running = Running::start(&data, &[]);
        Self { running, credentials, data }
    }

    /// Gives up the process; the data goes when the second part is dropped.
    pub(crate) fn into_parts(self) -> (Running, TestData) {
        (self.running, self.data)
    }
}

fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program that cargo built starts")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
}

/// The lines of a process, in the order they came, read by a thread for each stream.
#[derive(Default)]
struct Output {
    state: Mutex<Written>,
    changed: Condvar,
}

#[derive(Default)]
struct Written {
    lines: Vec<(Stream, String)>,
    closed_streams: usize,
}

impl Output {
    fn follow(output: &Arc<Self>, source: impl Read + Send + 'static, stream: Stream) {
        let output = Arc::clone(output);
        thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                output.state.lock().expect("no reader panics").lines.push((stream, line));
                output.changed.notify_all();
            }
            output.state.lock().expect("no reader panics").closed_streams += 1;
            output.changed.notify_all();
        });
    }

    /// The first URL of this machine in either stream; `None` when both end, or time is up.
    fn wait_for_url(&self) -> Option<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state.lock().expect("no reader panics");
        loop {
            if let Some(url) = state.lines.iter().find_map(|(_, line)| local_url(line)) {
                return Some(url);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.closed_streams == 2 {
                return None;
            }
            state = self.changed.wait_timeout(state, left).expect("no reader panics").0;
        }
    }

    /// Waits until both streams have been read to their end.
    fn wait_for_end(&self) {
        let state = self.state.lock().expect("no reader panics");
        let ended = self.changed.wait_timeout_while(state, PATIENCE, |state| state.closed_streams < 2);
        drop(ended.expect("no reader panics"));
    }

    fn text(&self, wanted: Stream) -> String {
        let state = self.state.lock().expect("no reader panics");
        let lines = state.lines.iter().filter(|(stream, _)| *stream == wanted);
        lines.map(|(_, line)| format!("{line}\n")).collect()
    }

    fn all(&self) -> String {
        let state = self.state.lock().expect("no reader panics");
        state.lines.iter().map(|(_, line)| format!("{line}\n")).collect()
    }
}

/// `http://127.0.0.1:PORT`, wherever it stands in a line.
fn local_url(line: &str) -> Option<String> {
    const START: &str = "http://127.0.0.1:";
    let (_, rest) = line.split_once(START)?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    // The port that was asked for, 0, may be logged before the one that was given.
    port.parse().is_ok_and(|port: u16| port != 0).then(|| format!("{START}{port}"))
}
