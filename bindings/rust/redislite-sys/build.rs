//! Finds or builds the engine: what REDISLITE_LIB_DIR names, or the one in this package (`bundled`), or the system's.
use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-env-changed=REDISLITE_LIB_DIR");
    println!("cargo:rerun-if-env-changed=REDISLITE_STATIC");
    let engine = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("engine");
    println!("cargo:include={}", engine.display());
    println!("cargo:rerun-if-changed={}", engine.join("redislite.h").display());
    if let Ok(directory) = env::var("REDISLITE_LIB_DIR") {
        let kind = if env::var("REDISLITE_STATIC").is_ok_and(|value| value != "0") { "static" } else { "dylib" };
        println!("cargo:rustc-link-search=native={directory}");
        println!("cargo:rustc-link-lib={kind}=redislite");
        if kind == "static" {
            println!("cargo:rustc-link-lib=stdc++");
            println!("cargo:rustc-link-lib=z");
        }
    } else {
        link(&engine);
    }
    #[cfg(feature = "buildtime-bindgen")]
    generate(&engine);
}

#[cfg(feature = "bundled")]
fn link(engine: &Path) {
    let source = engine.join("redislite.cc");
    println!("cargo:rerun-if-changed={}", source.display());
    cc::Build::new()
        .cpp(true)
        .std("c++20")
        .flag("-fvisibility=hidden")
        .define("NDEBUG", None)
        .warnings(false)
        .file(source)
        .compile("redislite_bundled");
    println!("cargo:rustc-link-lib=z");
}

#[cfg(not(feature = "bundled"))]
fn link(_engine: &Path) {
    if let Err(error) = pkg_config::Config::new().atleast_version(env!("CARGO_PKG_VERSION")).probe("redislite") {
        panic!("no engine: enable the feature `bundled`, set REDISLITE_LIB_DIR, or install the library: {error}");
    }
}

#[cfg(feature = "buildtime-bindgen")]
fn generate(engine: &Path) {
    bindgen::Builder::default()
        .header(engine.join("redislite.h").to_str().unwrap())
        .use_core()
        .allowlist_item("(rl|RL)_.*")
        .layout_tests(false)
        .prepend_enum_name(false)
        .merge_extern_blocks(true)
        .generate_comments(false)
        .disable_header_comment()
        .formatter(bindgen::Formatter::Prettyplease)
        .generate()
        .expect("the header has no declarations that bindgen understands")
        .write_to_file(Path::new(&env::var("OUT_DIR").unwrap()).join("bindings.rs"))
        .expect("the declarations cannot be written");
}
