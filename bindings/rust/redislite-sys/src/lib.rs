//! The declarations of `redislite.h`, which is their manual. The safe crate is `redislite`.
#![allow(non_camel_case_types)]

/// What bindgen makes of the header; kept, so that nobody needs libclang.
#[cfg(not(feature = "buildtime-bindgen"))]
mod bindings;
#[cfg(not(feature = "buildtime-bindgen"))]
pub use bindings::*;

#[cfg(feature = "buildtime-bindgen")]
include!(concat!(env!("OUT_DIR"), "/bindings.rs"));

#[cfg(all(test, feature = "buildtime-bindgen"))]
mod tests {
    #[test]
    fn the_declarations_that_are_kept_are_those_of_the_header() {
        // But for where lines are broken: rustfmt was told the width of this tree.
        let words = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect() };
        let made = include_str!(concat!(env!("OUT_DIR"), "/bindings.rs"));
        assert!(
            words(made) == words(include_str!("bindings.rs")),
            "src/bindings.rs is stale: run bindings/rust/update, or copy {}/bindings.rs",
            env!("OUT_DIR")
        );
    }
}
