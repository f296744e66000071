//! Encryption: a server is trusted by its authority and its name, or not at all.
//!
//! Needs `openssl` for the certificates, beside the servers.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{net::TcpListener, path::Path, process::Command};

use common::servers::{self, Kind, Server};
use dsr::{
    domain::Result,
    policy::officer::Officer,
    system::{
        engine::Engine,
        open::{Around, open},
    },
};

fn openssl(dir: &Path, line: &str) {
    let output = Command::new("openssl").args(line.split(' ')).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, and a certificate of it for `localhost`.
fn certificates(dir: &Path) {
    std::fs::write(dir.join("name"), "subjectAltName=DNS:localhost").unwrap();
    openssl(dir, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 30");
    openssl(dir, "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost");
    openssl(
        dir,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile name -out server.pem",
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir.join("server.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn server(kind: Kind, port: u16) -> Option<Server> {
    if servers::binary("openssl").is_none() {
        assert_ne!(std::env::var("DSR_TEST_REQUIRE").as_deref(), Ok("all"), "openssl is not installed");
        return None;
    }
    servers::with_options(kind, &|dir| {
        certificates(dir);
        let dir = dir.display();
        let options = match kind {
            Kind::Postgres => format!(
                "-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on -c ssl_cert_file={dir}/server.pem -c ssl_key_file={dir}/server.key"
            ),
            Kind::Maria => format!(
                "--bind-address=127.0.0.1 --port={port} --ssl-cert={dir}/server.pem --ssl-key={dir}/server.key --ssl-ca={dir}/ca.pem"
            ),
        };
        vec![options]
    })
}

fn connect(kind: &str, more: &str, url: &str) -> Result<Box<dyn Engine>> {
    let place = format!("kind: {kind}, owner: IT, env: URL, map: m.yaml{more}");
    let text = format!("controllers: {{x: {{systems: {{base: {{{place}}}}}}}}}");
    let officer = Officer::read("dsr.yaml", &text).unwrap();
    let variable = |_: &str| Some(url.to_owned());
    let around = Around { directory: "/".into(), variable: &variable };
    open("base", &officer.controllers["x"].systems["base"], &around)
}

#[test]
fn postgres_is_trusted_by_authority_and_name() {
    let port = port();
    let Some(server) = server(Kind::Postgres, port) else { return };
    let ca = format!(", ca_file: {}", server.path().join("ca.pem").display());
    let url = |host: &str| format!("postgresql://postgres@{host}:{port}/postgres?sslmode=require");
    let encrypted = |engine: Result<Box<dyn Engine>>| engine.map(|mut engine| engine.identity().is_ok());
    assert!(encrypted(connect("postgres", &ca, &url("localhost"))).unwrap());
    for (about, more, host) in [("no authority", "", "localhost"), ("another name", ca.as_str(), "127.0.0.1")]
    {
        let error = encrypted(connect("postgres", more, &url(host))).unwrap_err();
        assert!(
            error.message().contains("does not let") || error.message().contains("authority"),
            "{about}: {error}"
        );
    }
    // Said to be as strict as it is.
    let strict = url("localhost").replace("require", "verify-full");
    assert!(encrypted(connect("postgres", &ca, &strict)).unwrap());
}

#[test]
fn mysql_is_trusted_by_authority_and_name() {
    let port = port();
    let Some(server) = server(Kind::Maria, port) else { return };
    let _ = server.sql("", "CREATE DATABASE d; CREATE USER u@'127.0.0.1' REQUIRE SSL; CREATE USER u@'localhost' REQUIRE SSL; GRANT ALL ON d.* TO u@'127.0.0.1'; GRANT ALL ON d.* TO u@localhost;");
    let ca = format!(", ca_file: {}", server.path().join("ca.pem").display());
    let url = |host: &str| format!("mysql://u@{host}:{port}/d");
    let encrypted = |engine: Result<Box<dyn Engine>>| engine.map(|mut engine| engine.identity().is_ok());
    assert!(encrypted(connect("mysql", &ca, &url("localhost"))).unwrap());
    for (about, more, host) in [("no authority", "", "localhost"), ("another name", ca.as_str(), "127.0.0.1")]
    {
        let error = encrypted(connect("mysql", more, &url(host))).unwrap_err();
        assert!(error.message().contains("does not let"), "{about}: {error}");
    }
}
