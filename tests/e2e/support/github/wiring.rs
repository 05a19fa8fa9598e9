//! A [`Sandbox`] whose `origin` is a repository of a [`Hub`], reached by HTTP with a token.

use crate::support::sandbox::Sandbox;

use super::hub::{Hub, TOKEN};

impl Hub {
    /// A checkout of `octo/sample` with these files committed and pushed. git gets the token from a credential helper, the
    /// program from its environment; it waits for nothing between writes.
    pub fn sandbox(&self, files: &[(&str, &str)]) -> Sandbox {
        self.sandbox_of("octo/sample", files)
    }

    /// As [`Hub::sandbox`], of this repository.
    pub fn sandbox_of(&self, slug: &str, files: &[(&str, &str)]) -> Sandbox {
        let url = self.clone_url(slug);
        self.wired(Sandbox::local(files), slug, &url)
    }

    /// As [`Hub::sandbox`], with name and token in the remote's address and no credential helper.
    pub fn sandbox_by_url(&self, files: &[(&str, &str)]) -> Sandbox {
        let url = format!("http://mona:{TOKEN}@{}/octo/sample.git", self.host());
        self.wired(Sandbox::local(files), "octo/sample", &url)
    }

    /// As [`Sandbox::frobs`], on `octo/sample`.
    pub fn frobs(&self, units: usize) -> Sandbox {
        let url = self.clone_url("octo/sample");
        self.wired(Sandbox::local_frobs(units), "octo/sample", &url)
    }

    fn wired(&self, mut sandbox: Sandbox, slug: &str, url: &str) -> Sandbox {
        let repository = self.repository(slug);
        if !url.contains('@') {
            let config = sandbox.path("home/.gitconfig");
            let mut text = std::fs::read_to_string(&config).unwrap();
            let helper = format!(
                "!f() {{ test \\\"$1\\\" = get && echo username=mona && echo password={TOKEN}; }}; f"
            );
            text.push_str(&format!(
                "[credential \"http://{}\"]\n\thelper = \"{helper}\"\n",
                self.host()
            ));
            std::fs::write(config, text).unwrap();
        }
        sandbox.set("GIT_TERMINAL_PROMPT", "0");
        sandbox.set("BATCH_GITHUB_HOST", self.host());
        sandbox.set("BATCH_GITHUB_API_URL", self.api_url());
        sandbox.set("BATCH_GITHUB_WRITE_INTERVAL", "0s");
        sandbox.set("GH_ENTERPRISE_TOKEN", TOKEN);
        sandbox.set("XDG_STATE_HOME", sandbox.path("state"));
        sandbox.connect(url, repository.path());
        sandbox
    }
}
