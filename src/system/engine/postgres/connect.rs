//! Connecting: encrypted unless the server is on this machine, with limits on every wait.

use std::time::Duration;

use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    super::{
        fault::{Cause, fault},
        tls,
    },
    fault as native,
};
use crate::{
    domain::{Error, Result},
    system::open::Target,
};

/// What every session is told: values are written the same way whatever the server's settings are.
const SETTINGS: &str = "\
    SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'; \
    SET bytea_output = 'hex'; SET extra_float_digits = 1;";

/// A connection that is ready.
pub fn connect(target: &Target<'_>) -> Result<Client> {
    let config = config(target)?;
    let made = match config.get_ssl_mode() {
        SslMode::Disable => config.connect(NoTls),
        _ => config.connect(MakeRustlsConnect::new(tls::client(target)?)),
    };
    let mut client = made.map_err(|error| refused(target.system, &error))?;
    let limits = format!(
        "{SETTINGS} SET statement_timeout = '{0}s'; SET lock_timeout = '{0}s'; \
         SET idle_in_transaction_session_timeout = '600s';",
        target.statement_timeout.as_secs()
    );
    client.batch_execute(&limits).map_err(|error| native::of(target.system, "", &error))?;
    Ok(client)
}

fn config(target: &Target<'_>) -> Result<Config> {
    // A stricter word of libpq: here a certificate is always verified with its name.
    let url = target
        .url
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    // The cause would quote the URL, and a password in it.
    let mut config: Config = url.parse().map_err(|_| {
        Error::config(format!("system `{}`: its URL is none that PostgreSQL knows", target.system))
            .hint("write postgresql://user:password@host/database; certificates are `ca_file:` in dsr.yaml")
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(target.connect_timeout);
    }
    config.tcp_user_timeout(target.statement_timeout + Duration::from_secs(30));
    config.keepalives_idle(Duration::from_secs(30));
    config.application_name("dsr");
    config.ssl_mode(ssl_mode(target, &config)?);
    Ok(config)
}

fn ssl_mode(target: &Target<'_>, config: &Config) -> Result<SslMode> {
    let near = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => tls::is_this_machine(name),
    });
    let asked = config.get_ssl_mode();
    match target.tls_off {
        true => Ok(SslMode::Disable),
        false if near && asked != SslMode::Require && target.ca_file.is_none() => Ok(SslMode::Disable),
        false if asked == SslMode::Disable => Err(tls::in_clear(target.system)),
        false => Ok(SslMode::Require),
    }
}

/// The driver's text may quote a user's name, never a value of a person; still only its kind is said.
fn refused(system: &str, error: &postgres::Error) -> Error {
    match error.as_db_error() {
        Some(_) => native::of(system, "", error),
        None if tls::is_fault(error) => fault(system, "", Cause::Login, "certificate not accepted"),
        None => fault(system, "", Cause::Connection, ""),
    }
}
