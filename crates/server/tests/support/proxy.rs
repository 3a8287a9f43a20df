//! A way to a TCP server that can be cut, as when a network or a database goes away.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes bytes on, in both directions. Dropped, it cuts the way for good.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_cut: bool,
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
                    && let Ok(ends) = connect(client, target)
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

    /// Lets new connections through again.
    pub(crate) fn resume(&self) {
        self.state.lock().expect("no thread panics").is_cut = false;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.state.lock().expect("no thread panics").is_over = true;
        // Wakes the thread that waits for connections, so that the port is free again.
        let _ = TcpStream::connect(self.address);
    }
}

/// Joins a connection to a new one to `target`; both ends.
fn connect(client: TcpStream, target: SocketAddr) -> io::Result<[TcpStream; 2]> {
    let server = TcpStream::connect(target)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let ends = [client.try_clone()?, server.try_clone()?];
    pass_on(client.try_clone()?, server.try_clone()?);
    pass_on(server, client);
    Ok(ends)
}

/// Copies in one direction until an end closes, and then closes the other.
fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // A failure is what the proxy is for.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
