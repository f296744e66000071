//! The register read whole: what the engine takes for sound and nobody can read stops whichever command comes to it, and a
//! restore that kept it would keep that too.

use super::{View, fault::damaged, survey::Period};
use crate::domain::Result;

/// Tables that a restore fills from the backup; all others it keeps.
const FROM_THE_BACKUP: [&str; 6] =
    ["annotation", "contact", "identifier", "obligation", "record", "rectified"];

impl View<'_> {
    /// Every case with its life and its steps, every act, hold, block, ban, consent, disclosure and run can be read, and
    /// names what is there.
    ///
    /// # Errors
    /// Exit 9: something cannot.
    pub fn register_is_legible(&self) -> Result<()> {
        self.register_holds()?;
        let all = Period::default();
        self.for_each_case(&all, |case| {
            self.case_history(&case.number)?;
            self.duties(&case.number)?;
            self.waits(&case.number)?;
            self.remote_steps(&case.number)?;
            self.remote_case(&case.number).map(drop)
        })?;
        self.for_each_destruction(&all, |act| self.night_done(&act.number).map(drop))?;
        self.for_each_hold(&all, |_| Ok(()))?;
        self.for_each_standing_block(None, |_| Ok(()))?;
        self.for_each_suppression(&all, |_| Ok(()))?;
        self.for_each_consent(&all, |_, _, _| Ok(()))?;
        self.for_each_disclosure(&all, |_, _, _| Ok(()))?;
        self.for_each_run(&all, |_| Ok(()))
    }

    /// Every row that a restore would keep points at one that is there.
    fn register_holds(&self) -> Result<()> {
        let mut query = self.prepare("SELECT DISTINCT \"table\" FROM pragma_foreign_key_check")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let table: String = row.get(0)?;
            if !FROM_THE_BACKUP.contains(&table.as_str()) {
                return Err(damaged("a row points at one that is not there"));
            }
        }
        Ok(())
    }

    /// Every act that waits is read again to be closed, with its case, once the bytes are gone: what the engine takes for
    /// sound and nobody can read would stop the command there, after it committed.
    ///
    /// # Errors
    /// Exit 9: one cannot be read.
    pub fn acts_are_legible(&self) -> Result<()> {
        for act in self.pending_destructions()? {
            self.duties_of_act(&act)?;
            self.night_done(&act.number)?;
        }
        Ok(())
    }
}
