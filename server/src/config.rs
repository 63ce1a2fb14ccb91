//! Configuration: flags, or the environment (`LIANXIN_…`), the same names.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, builder::BoolishValueParser};
use lianxin_shared::{
    id::{DeviceId, RecordId, UnitCode},
    rights::{Post, Role},
};

/// The server of Lianxin.
#[derive(Debug, Parser)]
#[command(name = "lianxin-server", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answers phones and the console until it is stopped
    Serve(Serve),
    /// Sets up a district: its open data and its desk. Its first account is made next, with `user add --role district`
    District(District),
    /// Accounts of people
    #[command(subcommand)]
    User(User),
    /// Signed-in phones and console sessions
    #[command(subcommand)]
    Device(Device),
    /// The log of who did what
    #[command(subcommand)]
    Audit(Audit),
    /// To be run once after the database was restored from a backup: phones then offer again what it lacks. Servers that
    /// run on the database (PostgreSQL) notice within seconds. A SQLite file is put back while no server runs, and this
    /// command is given before one is started: a server that runs holds the old file, and would go on writing into it
    Restored(Database),
}

/// How long sealed personal records are kept unless the operator says otherwise, in days: twelve months after the
/// closing of the voice (DOMAIN §4.1), or two years after the last writing where nobody closes it. Sample values.
pub const CLOSED_DAYS_DEFAULT: u32 = 365;
pub const OPEN_DAYS_DEFAULT: u32 = 730;

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// The folder of what must not be lost
    #[arg(long, env = "LIANXIN_DATA", value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// A PostgreSQL database (postgres://…) instead of DIR/lianxin.sqlite
    #[arg(long, env = "LIANXIN_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// The address to answer on
    #[arg(long, env = "LIANXIN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub database: Database,
    /// The folder with the phone app's files
    #[arg(long, env = "LIANXIN_APP", value_name = "DIR")]
    pub app: Option<PathBuf>,
    /// The master key of sealed personal records, 64 hexadecimal digits, instead of DIR/sealed-master.key. Several servers
    /// on one database need the same
    #[arg(long, env = "LIANXIN_SEALED_KEY", value_name = "KEY", hide_env_values = true)]
    pub sealed_key: Option<String>,
    /// Days for which a sealed personal record is kept after its voice was closed
    #[arg(long, env = "LIANXIN_SEALED_DAYS", value_name = "DAYS", default_value_t = CLOSED_DAYS_DEFAULT)]
    pub sealed_days: u32,
    /// Days for which one is kept after it was last written, while its voice is not closed
    #[arg(long, env = "LIANXIN_SEALED_OPEN_DAYS", value_name = "DAYS", default_value_t = OPEN_DAYS_DEFAULT)]
    pub sealed_open_days: u32,
    /// Where photos and recordings lie, instead of DIR/blobs: a folder, or s3://BUCKET/PREFIX in a server built with the
    /// feature s3 (key and endpoint as AWS_… in the environment). Several servers on one database need the same
    #[arg(long, env = "LIANXIN_BLOBS", value_name = "PLACE")]
    pub blobs: Option<String>,
    /// Fill an empty database with the demonstration district
    #[arg(long, env = "LIANXIN_DEMO", value_parser = BoolishValueParser::new())]
    pub demo: bool,
}

#[derive(Debug, Args)]
pub struct District {
    #[command(flatten)]
    pub database: Database,
    /// The statistics bureau's code of six digits
    #[arg(long, value_parser = district_code)]
    pub code: UnitCode,
    /// What the district is called
    #[arg(long)]
    pub name: String,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Recomputes the chain of the log and names the first entry that is not as it was written
    Verify(VerifyAudit),
    /// Prints the entries
    List(Database),
}

#[derive(Debug, Args)]
pub struct VerifyAudit {
    #[command(flatten)]
    pub database: Database,
    /// A head that was noted earlier, from this command or the server's log: the log must still contain it
    #[arg(long, value_name = "NUMBER:HASH")]
    pub expect: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Makes an account; the password is read from standard input, or made up for one time and printed
    Add(AddUser),
    /// Lists the accounts
    List(Database),
    /// Sets a new password, read from standard input, or made up for one time and printed
    Password(UserByLogin),
    /// Shuts an account out; its devices keep what they have
    Lock(UserByLogin),
    /// Lets a locked account in again
    Unlock(UserByLogin),
    /// Gives an account another post instead of those it has; without a role, takes them away. Drafts that its phones
    /// still hold arrive all the same and are handed over
    Posts(UserPosts),
}

#[derive(Debug, Args)]
pub struct AddUser {
    #[command(flatten)]
    pub database: Database,
    /// The name to sign in with
    #[arg(long)]
    pub login: String,
    /// The person's name
    #[arg(long)]
    pub name: String,
    /// deputy, station, town, district, leader or admin
    #[arg(long, value_parser = role)]
    pub role: Role,
    /// The code of the unit where the role is held
    #[arg(long)]
    pub unit: String,
    /// A deputy's mandate: the record's 32 hexadecimal digits
    #[arg(long)]
    pub mandate: Option<RecordId>,
}

impl AddUser {
    /// The post that the account begins with.
    pub fn post(&self) -> Post {
        Post { role: self.role, unit: UnitCode(self.unit.clone()), mandate: self.mandate }
    }
}

#[derive(Debug, Args)]
pub struct UserPosts {
    #[command(flatten)]
    pub database: Database,
    #[arg(long)]
    pub login: String,
    /// deputy, station, town, district, leader or admin
    #[arg(long, value_parser = role, requires = "unit")]
    pub role: Option<Role>,
    /// The code of the unit where the role is held
    #[arg(long, requires = "role")]
    pub unit: Option<String>,
    /// A deputy's mandate: the record's 32 hexadecimal digits
    #[arg(long, requires = "role")]
    pub mandate: Option<RecordId>,
}

impl UserPosts {
    /// The posts from now on.
    pub fn posts(&self) -> Vec<Post> {
        let post = |(role, unit): (Role, &String)| Post { role, unit: UnitCode(unit.clone()), mandate: self.mandate };
        self.role.zip(self.unit.as_ref()).map(post).into_iter().collect()
    }
}

#[derive(Debug, Args)]
pub struct UserByLogin {
    #[command(flatten)]
    pub database: Database,
    #[arg(long)]
    pub login: String,
}

#[derive(Debug, Subcommand)]
pub enum Device {
    /// Lists the devices with their users
    List(Database),
    /// Ends a device's access, for one that was lost
    Revoke(RevokeDevice),
}

#[derive(Debug, Args)]
pub struct RevokeDevice {
    #[command(flatten)]
    pub database: Database,
    /// The device's number
    #[arg(value_parser = |text: &str| text.parse().map(DeviceId))]
    pub device: DeviceId,
}

impl Database {
    /// What the store opens.
    pub fn location(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| self.data.join("lianxin.sqlite").to_string_lossy().into_owned())
    }
}

fn district_code(code: &str) -> Result<UnitCode, String> {
    let code = UnitCode(code.to_owned());
    match code.district() == Some(code.0.as_str()) && code.0.bytes().all(|digit| digit.is_ascii_digit()) {
        true => Ok(code),
        false => Err("six digits, such as 520303".into()),
    }
}

fn role(key: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.key() == key).ok_or_else(|| {
        let keys: Vec<&str> = Role::ALL.into_iter().map(Role::key).collect();
        format!("one of: {}", keys.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_url_the_database_lies_in_the_data_folder() {
        let cli = Cli::try_parse_from(["lianxin-server", "serve", "--data", "/srv/lianxin"]).unwrap();
        let Command::Serve(serve) = cli.command else { panic!("serve was asked for") };
        assert_eq!(serve.database.location(), "/srv/lianxin/lianxin.sqlite");
    }
}
