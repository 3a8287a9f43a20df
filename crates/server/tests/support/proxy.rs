//! A way to a TCP server that can be cut, as when a network or a database goes away.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Passes bytes on, in both directions. Dropped, it cuts the way for good.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_cut: bool,
    is_silent: bool,
    is_over: bool,
    /// Both ends of each connection.
    open: Vec<[TcpStream; 2]>,
}

impl Proxy {
    /// Listens on a free port of this machine, for whoever wants to speak to `target`.
    pub(crate) fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut state = shared.lock().expect("no thread panics");
                if state.is_over {
                    return;
                }
                // One that comes while the way is cut is closed at once.
                if !state.is_cut
                    && let Ok(ends) = connect(client, target, &shared)
                {
                    state.open.push(ends);
                }
            }
        });
        Self { address, state }
    }

    /// Closes every connection, and each new one, until `resume`.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().expect("no thread panics");
        state.is_cut = true;
        for end in state.open.drain(..).flatten() {
            // It may have been closed by itself.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Keeps every connection open and passes nothing on, until `resume`.
    pub(crate) fn silence(&self) {
        self.state.lock().expect("no thread panics").is_silent = true;
    }

    /// Lets everything through again.
    pub(crate) fn resume(&self) {
        let mut state = self.state.lock().expect("no thread panics");
        (state.is_cut, state.is_silent) = (false, false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        let mut state = self.state.lock().expect("no thread panics");
        (state.is_over, state.is_silent) = (true, false);
        drop(state);
        // Wakes the thread that waits for connections, so that the port is free again.
        let _ = TcpStream::connect(self.address);
    }
}

/// Joins a connection to a new one to `target`; both ends.
fn connect(client: TcpStream, target: SocketAddr, state: &Arc<Mutex<State>>) -> io::Result<[TcpStream; 2]> {
    let server = TcpStream::connect(target)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let ends = [client.try_clone()?, server.try_clone()?];
    pass_on(client.try_clone()?, server.try_clone()?, Arc::clone(state));
    pass_on(server, client, Arc::clone(state));
    Ok(ends)
}

/// Copies in one direction until an end closes, and then closes the other.
fn pass_on(mut from: TcpStream, mut to: TcpStream, state: Arc<Mutex<State>>) {
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        // A failure is what the proxy is for.
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            while state.lock().expect("no thread panics").is_silent {
                thread::sleep(Duration::from_millis(5));
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
