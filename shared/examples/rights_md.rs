//! Prints who writes what, for `shared/RIGHTS.md`.

fn main() {
    print!("{}", lianxin_shared::rights::matrix());
}
