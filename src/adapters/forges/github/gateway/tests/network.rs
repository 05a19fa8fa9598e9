//! Proxies, certificate authorities, and connections that cannot be made.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::server::{self, Server};
use super::{connection, error, open, read, tempo, unreachable};
use crate::adapters::forges::github::api::ApiError;
use crate::adapters::forges::github::gateway::{Connection, Gateway};

/// Where the child of a test finds what it connects to.
const URL: &str = "BATCH_TEST_URL";

/// An authority of that name, as PEM, and what serves with its word for `localhost`.
fn authority(name: &str) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let leaf = CertificateParams::new(names).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let ring = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (ca.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// A server behind TLS, what reaches it, and the authority's file.
async fn behind_tls(folder: &std::path::Path) -> (Server, Connection, std::path::PathBuf) {
    let (pem, tls) = authority("one");
    let file = folder.join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let server = Server::start(Vec::new(), Some(tls)).await;
    let mut connection = connection(&server, None);
    connection.api_url = format!("https://localhost:{}", server.address.port());
    (server, connection, file)
}

#[tokio::test]
async fn an_authority_of_ones_own_is_taken_when_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (server, mut connection, file) = behind_tls(folder.path()).await;
    connection.ca_file = Some(file);
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    gateway.send(read()).await.unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_unknown_authority_is_said_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (server, mut connection, _) = behind_tls(folder.path()).await;
    // Another's word does not count, and makes the test independent of the system's.
    let other = folder.path().join("other.pem");
    std::fs::write(&other, authority("another").0).unwrap();
    connection.ca_file = Some(other);
    let port = server.address.port();
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    let words = unreachable(gateway.send(open()).await);
    assert_eq!(
        words,
        format!(
            "no connection to localhost:{port}: invalid peer certificate: UnknownIssuer; its certificate authority is \
             not known here: name the authority's file by SSL_CERT_FILE, or to git by http.sslCAInfo; tried 3 times"
        )
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_file_without_authorities_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut connection, file) = behind_tls(folder.path()).await;
    for (text, words) in [(Some(""), "there is none in it"), (None, "No such file")] {
        match text {
            Some(text) => std::fs::write(&file, text).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let api_url = connection.api_url.clone();
        connection.ca_file = Some(file.clone());
        let failed = Gateway::with_tempo(
            Connection {
                api_url,
                token: connection.token.clone(),
                settings: connection.settings.clone(),
                stop: connection.stop.clone(),
                clock: Arc::clone(&connection.clock),
                state_folder: None,
                ca_file: connection.ca_file.clone(),
            },
            tempo(),
        );
        let Err(ApiError::Unreachable { words: said, .. }) = failed else {
            panic!("it was taken");
        };
        let start = format!("certificate authorities of {}: {words}", file.display());
        assert!(said.starts_with(&start), "{said}");
    }
}

#[tokio::test]
async fn a_write_without_a_connection_is_certainly_not_done() {
    let server = Server::start(Vec::new(), None).await;
    let mut connection = connection(&server, None);
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    connection.api_url = format!("http://{nobody}");
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    let words = unreachable(gateway.send(open()).await);
    assert_eq!(
        words,
        format!("no connection to {nobody}: Connection refused (os error 111); tried 3 times")
    );
}

#[tokio::test]
async fn a_connection_that_takes_too_long_is_given_up() {
    // It takes connections and never greets: the time of TLS is the connection's.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_, mut connection, file) = behind_tls(folder.path()).await;
    connection.ca_file = Some(file);
    let address = silent.local_addr().unwrap();
    connection.api_url = format!("https://{address}");
    let mut tempo = tempo();
    tempo.timeouts.connect = Duration::from_millis(100);
    let gateway = Gateway::with_tempo(connection, tempo).unwrap();
    let words = unreachable(gateway.send(open()).await);
    assert_eq!(
        words,
        format!("no connection to {address} within 0.1 s; tried 3 times")
    );
}

/// Runs one of the tests below in a process with that environment, which a process cannot give itself safely.
async fn in_a_process(test: &str, environment: &[(&str, String)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    command.args(["--exact", &name, "--ignored", "--nocapture"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await;
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("running 1 test"), "{text}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{said}");
}

#[tokio::test]
#[ignore = "the tests below run it, in a process with an environment of its own"]
async fn child_reads_from_the_url_in_its_environment() {
    let server = Server::start(Vec::new(), None).await;
    let mut connection = connection(&server, None);
    connection.api_url = std::env::var(URL).unwrap();
    let gateway = Gateway::with_tempo(connection, tempo()).unwrap();
    if let Err(failed) = gateway.send(read()).await {
        panic!("{}", error(Err(failed)));
    }
}

const CHILD: &str = "child_reads_from_the_url_in_its_environment";

#[tokio::test]
async fn the_environments_certificate_file_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (server, connection, file) = behind_tls(folder.path()).await;
    let url = (URL, connection.api_url.clone());
    let file = ("SSL_CERT_FILE", file.display().to_string());
    in_a_process(CHILD, &[url, file]).await;
    assert_eq!(server.asked().len(), 1);
}

/// A proxy that notes what it is asked for, and carries both plain requests and tunnels.
async fn proxy() -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lines: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&lines);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let noted = Arc::clone(&noted);
            tokio::spawn(async move {
                let clock = server::Quick::new();
                let asked = server::read(&mut stream, &*clock).await?;
                noted.lock().unwrap().push(asked.line.clone());
                let mut words = asked.line.split(' ');
                let (method, target) = (words.next()?, words.next()?);
                if method == "CONNECT" {
                    let mut there = TcpStream::connect(target).await.ok()?;
                    let fine = b"HTTP/1.1 200 Connected\r\n\r\n";
                    stream.write_all(fine).await.ok()?;
                    copy_bidirectional(&mut stream, &mut there).await.ok()?;
                } else {
                    let fine = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                    stream.write_all(fine).await.ok()?;
                }
                Some(())
            });
        }
    });
    (url, lines)
}

#[tokio::test]
async fn a_proxy_of_the_environment_carries_the_requests() {
    let folder = tempfile::tempdir().unwrap();
    let (server, connection, file) = behind_tls(folder.path()).await;
    let port = server.address.port();
    let file = ("SSL_CERT_FILE", file.display().to_string());
    let tls = (URL, connection.api_url.clone());
    let tunnel = format!("CONNECT localhost:{port} HTTP/1.1");
    for (variable, url, line) in [
        ("HTTPS_PROXY", &tls, tunnel.clone()),
        ("ALL_PROXY", &tls, tunnel),
    ] {
        let (address, lines) = proxy().await;
        let set = [file.clone(), url.clone(), (variable, address)];
        in_a_process(CHILD, &set).await;
        assert_eq!(*lines.lock().unwrap(), [line], "{variable}");
    }
    let (address, lines) = proxy().await;
    let set = [
        file,
        tls,
        ("HTTPS_PROXY", address),
        ("NO_PROXY", "localhost".to_owned()),
    ];
    in_a_process(CHILD, &set).await;
    assert!(lines.lock().unwrap().is_empty(), "NO_PROXY");
}

#[tokio::test]
async fn what_goes_without_tls_goes_through_no_proxy() {
    let server = Server::start(Vec::new(), None).await;
    let (address, lines) = proxy().await;
    let url = (URL, server.url());
    let proxies = ["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, address.clone()));
    in_a_process(CHILD, &[&[url], &proxies[..]].concat()).await;
    assert!(lines.lock().unwrap().is_empty());
    assert_eq!(server.asked().len(), 1);
}
