//! Connecting: encrypted unless the server is on this machine, with limits on every wait.

use std::time::Duration;

use mysql::{Conn, Opts, OptsBuilder, SslOpts, consts::CapabilityFlags, prelude::Queryable};

use super::{super::tls, fault};
use crate::{
    domain::{Error, Result},
    system::open::Target,
};

/// A connection that is ready.
pub fn connect(target: &Target<'_>) -> Result<Conn> {
    let failed = |error: mysql::Error| fault::of(target.system, "", &error);
    let mut conn = Conn::new(options(target)?).map_err(failed)?;
    let seconds = target.statement_timeout.as_secs();
    let settings = format!(
        "SET SESSION time_zone = '+00:00', SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION innodb_lock_wait_timeout = {seconds}"
    );
    conn.query_drop(settings).map_err(failed)?;
    // The two have different words for the same limit, and do not know each other's.
    let words = [
        format!("SET SESSION max_statement_time = {seconds}"),
        format!("SET SESSION max_execution_time = {}", seconds * 1000),
    ];
    if words.iter().all(|word| conn.query_drop(word).is_err()) {
        conn.ping().map_err(failed)?;
    }
    Ok(conn)
}

fn options(target: &Target<'_>) -> Result<Opts> {
    // The cause would quote the URL, and a password in it.
    let url = Opts::from_url(&target.url).map_err(|_| {
        Error::config(format!("system `{}`: its URL is none that MySQL knows", target.system)).hint(
            "write mysql://user:password@host/database, a socket as ?socket=/path; certificates are `ca_file:` in dsr.yaml",
        )
    })?;
    let near = url.get_socket().is_some() || tls::is_this_machine(&url.get_ip_or_hostname());
    let seconds = target.statement_timeout + Duration::from_secs(30);
    let mut builder = OptsBuilder::from_opts(url.clone())
        .prefer_socket(false)
        .tcp_connect_timeout(Some(target.connect_timeout))
        .read_timeout(Some(seconds))
        .write_timeout(Some(seconds))
        // Rows that were found, not rows that became another: a value written twice is done twice.
        .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS);
    if !target.tls_off && (!near || target.ca_file.is_some() || url.get_ssl_opts().is_some()) {
        let verified = SslOpts::default();
        builder = builder.ssl_opts(match &target.ca_file {
            Some(path) => verified.with_root_cert_path(Some(path.clone())),
            None => verified,
        });
    }
    Ok(builder.into())
}
