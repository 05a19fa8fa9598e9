//! The languages of a tree, by the endings of its files' names.

use std::collections::HashMap;

use crate::model::facts::standing::{Standing, name, standing};
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// A language and how much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// Its name.
    pub name: &'static str,
    /// How many files.
    pub files: usize,
    /// What they hold, in bytes, as far as it is known.
    pub bytes: u64,
}

/// What stands for a file that is no text.
pub(super) const BINARY: &str = "binary";

/// Each language with its endings, in lower case and without the dot.
const ENDINGS: [(&str, &str); 61] = [
    ("Astro", "astro"),
    ("C", "c h"),
    ("C#", "cs csx"),
    ("C++", "cc cpp cxx hh hpp hxx ipp"),
    ("Clojure", "clj cljs cljc edn"),
    ("CMake", "cmake"),
    ("CoffeeScript", "coffee"),
    ("CSS", "css pcss"),
    ("CUDA", "cu cuh"),
    ("Dart", "dart"),
    ("Elixir", "ex exs heex"),
    ("Elm", "elm"),
    ("Erlang", "erl hrl"),
    ("F#", "fs fsi fsx"),
    ("Fortran", "f f90 f95 f03"),
    ("Go", "go"),
    ("GraphQL", "graphql gql"),
    ("Groovy", "groovy gradle"),
    ("Handlebars", "hbs handlebars mustache"),
    ("Haskell", "hs lhs"),
    ("HTML", "html htm xhtml"),
    ("Java", "java"),
    ("JavaScript", "js mjs cjs jsx"),
    ("JSON", "json json5 jsonc"),
    ("Julia", "jl"),
    ("Jupyter", "ipynb"),
    ("Kotlin", "kt kts"),
    ("Less", "less"),
    ("Lua", "lua"),
    ("Markdown", "md mdx markdown"),
    ("Nix", "nix"),
    ("Objective-C", "m mm"),
    ("OCaml", "ml mli"),
    ("Perl", "pl pm t"),
    ("PHP", "php phtml"),
    ("PowerShell", "ps1 psm1"),
    ("Prisma", "prisma"),
    ("Protocol Buffers", "proto"),
    ("Python", "py pyi pyx"),
    ("R", "r rmd"),
    ("reStructuredText", "rst"),
    ("Ruby", "rb rake erb gemspec"),
    ("Rust", "rs"),
    ("Scala", "scala sc sbt"),
    ("Shell", "sh bash zsh fish"),
    ("Solidity", "sol"),
    ("SQL", "sql"),
    ("Starlark", "bzl bazel star"),
    ("Sass", "scss sass"),
    ("Svelte", "svelte"),
    ("Swift", "swift"),
    (
        "Templates",
        "j2 jinja jinja2 tmpl ejs pug liquid twig haml slim",
    ),
    ("Terraform", "tf tfvars hcl"),
    ("Text", "txt adoc org"),
    ("TOML", "toml"),
    ("TypeScript", "ts tsx mts cts"),
    ("Visual Basic", "vb"),
    ("Vue", "vue"),
    ("XML", "xml xsd xsl csproj props resx"),
    ("YAML", "yml yaml"),
    ("Zig", "zig"),
];

const BINARY_ENDINGS: &str = "png jpg jpeg gif webp avif ico bmp tiff psd pdf woff woff2 ttf otf eot mp3 mp4 mov avi webm \
     ogg wav flac zip gz tgz bz2 xz zst 7z rar tar jar war class so dylib dll exe a o lib bin dat db sqlite wasm pyc \
     npy npz pkl parquet onnx pt keystore p12 jks der lockb icns xls xlsx doc docx ppt pptx node";

/// Looks endings up; made once for a whole tree.
pub(super) struct Endings(HashMap<&'static str, &'static str>);

impl Endings {
    pub(super) fn new() -> Self {
        let binary = BINARY_ENDINGS.split_whitespace().map(|end| (end, BINARY));
        let languages = ENDINGS.iter().rev();
        let languages = languages.flat_map(|(name, ends)| ends.split(' ').map(|end| (end, *name)));
        Self(binary.chain(languages).collect())
    }

    /// The language of a file, [`BINARY`], or none when its name does not tell.
    pub(super) fn of(&self, path: &RepoPath) -> Option<&'static str> {
        let name = name(path).to_ascii_lowercase();
        match name.as_str() {
            "dockerfile" | "containerfile" => return Some("Dockerfile"),
            "makefile" | "gnumakefile" => return Some("Makefile"),
            "cmakelists.txt" => return Some("CMake"),
            "gemfile" | "rakefile" => return Some("Ruby"),
            "jenkinsfile" => return Some("Groovy"),
            "build" | "workspace" => return Some("Starlark"),
            _ => {}
        }
        let (_, ending) = name.rsplit_once('.')?;
        self.0.get(ending).copied()
    }
}

/// The languages of the project's own files, those with the most bytes first; what is no text does not count.
#[must_use]
pub fn languages(files: &[TreeFile], sizes: &[Option<u64>]) -> Vec<Language> {
    let endings = Endings::new();
    let mut found: HashMap<&'static str, (usize, u64)> = HashMap::new();
    for (file, size) in files.iter().zip(sizes) {
        if !file.mode.is_regular() || standing(&file.path) != Standing::Own {
            continue;
        }
        if let Some(name) = endings.of(&file.path).filter(|&name| name != BINARY) {
            let (count, bytes) = found.entry(name).or_default();
            *count += 1;
            *bytes += size.unwrap_or(0);
        }
    }
    let mut languages: Vec<Language> = found
        .into_iter()
        .map(|(name, (files, bytes))| Language { name, files, bytes })
        .collect();
    languages.sort_unstable_by(|a, b| (b.bytes, b.files, a.name).cmp(&(a.bytes, a.files, b.name)));
    languages
}

#[cfg(test)]
mod tests {
    use super::{Endings, languages};
    use crate::model::facts::sample::tree;

    #[test]
    fn the_largest_language_is_first_and_what_is_not_own_does_not_count() {
        let files = tree(&[
            "a.RS",
            "b.py",
            "c.py",
            "d.png",
            "vendor/e.go",
            "noext",
            "x.unknown",
        ]);
        let sizes = [
            Some(10),
            Some(1),
            Some(2),
            Some(99),
            Some(99),
            Some(99),
            Some(99),
        ];
        let found: Vec<_> = languages(&files, &sizes)
            .iter()
            .map(|language| (language.name, language.files, language.bytes))
            .collect();
        assert_eq!(found, [("Rust", 1, 10), ("Python", 2, 3)]);
        assert!(languages(&[], &[]).is_empty());
    }

    #[test]
    fn names_without_an_ending_may_tell_as_well() {
        let endings = Endings::new();
        assert_eq!(endings.of(&"a/Dockerfile".into()), Some("Dockerfile"));
        assert_eq!(endings.of(&"x.mdx".into()), Some("Markdown"));
        assert_eq!(
            endings.of(&crate::model::path::RepoPath::new(*b"\xff.ts")),
            Some("TypeScript")
        );
        assert_eq!(endings.of(&".".into()), None);
    }
}
