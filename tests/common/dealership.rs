//! The invented dealership's four databases, alive.

use std::{path::Path, process::Command, sync::Arc};

use super::{
    World, fixture,
    servers::{self, Server},
};

/// The databases of one test; the servers live as long as this.
pub struct Dealership {
    pub crm: String,
    pub site: String,
    pub crm_url: String,
    pub site_url: String,
    pub postgres: Arc<Server>,
    pub maria: Arc<Server>,
}

/// Puts them beside a world's store; `None` where the servers are not installed.
pub fn dealership(world: &World) -> Option<Dealership> {
    let (postgres, maria) = (servers::postgres()?, servers::maria()?);
    let read = |name: &str| std::fs::read_to_string(fixture("dealership").join(name)).unwrap();
    let (crm, site) = (postgres.database(), maria.database());
    let _ = postgres.sql(&crm, &read("crm.sql"));
    let _ = maria.sql(&site, &read("site.sql"));
    files(world.path());
    let (crm_url, site_url) = (postgres.url(&crm, None), maria.url(&site, None));
    Some(Dealership { crm, site, crm_url, site_url, postgres, maria })
}

/// The officer's file, the maps, the SQLite file and the folder of CSV files.
pub fn files(to: &Path) {
    let from = fixture("dealership");
    for name in ["dsr.yaml", "crm.yaml", "site.yaml", "station.yaml", "analytics.yaml"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    std::fs::create_dir_all(to.join("analytics")).unwrap();
    for name in ["event.csv", "segment.csv"] {
        std::fs::copy(from.join("analytics").join(name), to.join("analytics").join(name)).unwrap();
    }
    let script = std::fs::read_to_string(from.join("station.sql")).unwrap();
    rusqlite::Connection::open(to.join("station.db")).unwrap().execute_batch(&script).unwrap();
}

impl Dealership {
    /// A command that knows where the servers are.
    pub fn command(&self, world: &World, args: &[&str]) -> Command {
        let mut command = world.command(args);
        command.env("CRM_URL", &self.crm_url).env("SITE_URL", &self.site_url);
        command
    }

    pub fn dsr(&self, world: &World, args: &[&str]) -> super::Run {
        super::Run::of(&self.command(world, args).output().unwrap())
    }
}
