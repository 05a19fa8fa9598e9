//! The objects of GitHub's REST interface, as full as its description wants them, made from the hub's [`State`].

use git2::Oid;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::state::{Comment, Issue, Label, Milestone, Pull, Repo, Role, State};

/// Addresses that every repository has below its own, with how they go on.
const REPO_URLS: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

/// When everything that has no time of its own was made.
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

impl State {
    /// Where its pages are.
    pub fn html(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Where its interface is.
    pub fn api(&self) -> String {
        format!("http://{}/api/v3", self.host)
    }

    /// A user or an organisation.
    pub fn user(&self, login: &str) -> Value {
        let (api, html) = (self.api(), self.html());
        let url = format!("{api}/users/{login}");
        let kind = if self.organisations.contains(login) {
            "Organization"
        } else {
            "User"
        };
        json!({
            "login": login, "id": number_of(login), "node_id": format!("U_{login}"), "avatar_url": format!("{html}/{login}.png"),
            "gravatar_id": "", "url": url, "html_url": format!("{html}/{login}"), "followers_url": format!("{url}/followers"),
            "following_url": format!("{url}/following{{/other_user}}"), "gists_url": format!("{url}/gists{{/gist_id}}"),
            "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"), "subscriptions_url": format!("{url}/subscriptions"),
            "organizations_url": format!("{url}/orgs"), "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events{{/privacy}}"), "received_events_url": format!("{url}/received_events"),
            "type": kind, "user_view_type": "public", "site_admin": false,
        })
    }

    /// The user whose token it is.
    pub fn viewer(&self, login: &str) -> Value {
        let mut user = self.user(login);
        for name in [
            "name", "company", "blog", "location", "email", "hireable", "bio",
        ] {
            user[name] = Value::Null;
        }
        for name in ["public_repos", "public_gists", "followers", "following"] {
            user[name] = json!(0);
        }
        user["created_at"] = json!(LONG_AGO);
        user["updated_at"] = json!(LONG_AGO);
        user
    }

    /// A team, by `organisation/team`.
    fn team(&self, slug: &str) -> Value {
        let (organisation, name) = slug.split_once('/').unwrap();
        let url = format!(
            "{}/organizations/{}/team/{}",
            self.api(),
            number_of(organisation),
            number_of(slug)
        );
        json!({
            "id": number_of(slug), "node_id": format!("T_{slug}"), "name": name, "slug": name, "description": null,
            "privacy": "closed", "permission": "push", "url": url, "members_url": format!("{url}/members{{/member}}"),
            "repositories_url": format!("{url}/repos"), "html_url": format!("{}/orgs/{organisation}/teams/{name}", self.html()),
            "parent": null, "type": "organization", "organization_id": number_of(organisation),
        })
    }

    /// A repository, as somebody sees it.
    pub fn repository(&self, repo: &Repo, login: &str) -> Value {
        let slug = repo.slug();
        let root = format!("{}/repos/{slug}", self.api());
        let html = format!("{}/{slug}", self.html());
        let open = repo.issues.iter().filter(|issue| issue.open).count();
        let role = repo.role(login).unwrap_or(Role::Read);
        let is_fork = |other: &&Repo| other.fork_of == Some(repo.id);
        let forks = self.repos.values().filter(is_fork).count();
        let mut body = json!({
            "id": repo.id, "node_id": format!("R_{}", repo.id), "name": repo.name, "full_name": slug,
            "owner": self.user(&repo.owner), "private": repo.private, "html_url": html, "description": null,
            "fork": repo.fork_of.is_some(), "git_url": format!("git://{}/{slug}.git", self.host),
            "ssh_url": format!("git@{}:{slug}.git", self.host), "clone_url": format!("{html}.git"), "svn_url": html,
        });
        let more = json!({
            "mirror_url": null, "homepage": null, "language": null, "forks_count": forks, "forks": forks, "stargazers_count": 0,
            "watchers_count": 0, "watchers": 0, "size": 1, "default_branch": repo.default_branch, "open_issues_count": open,
            "open_issues": open, "topics": [], "has_issues": repo.has_issues, "has_projects": true, "has_wiki": true,
            "has_pages": false, "has_downloads": true, "has_discussions": false, "archived": repo.archived,
            "disabled": repo.disabled, "visibility": if repo.private { "private" } else { "public" }, "license": null,
            "pushed_at": LONG_AGO, "created_at": LONG_AGO, "updated_at": LONG_AGO, "network_count": 0, "subscribers_count": 0,
            "allow_forking": repo.allow_forks, "web_commit_signoff_required": false, "is_template": false,
            "permissions": {
                "admin": role >= Role::Admin, "maintain": role >= Role::Maintain, "push": role >= Role::Write,
                "triage": role >= Role::Triage, "pull": true,
            },
        });
        add(&mut body, more);
        for (name, rest) in REPO_URLS {
            body[name] = json!(format!("{root}{rest}"));
        }
        if role >= Role::Write {
            // Only those see them who may push.
            body["allow_merge_commit"] = json!(repo.methods.contains("merge"));
            body["allow_squash_merge"] = json!(repo.methods.contains("squash"));
            body["allow_rebase_merge"] = json!(repo.methods.contains("rebase"));
            body["allow_auto_merge"] = json!(repo.allow_auto_merge);
            body["delete_branch_on_merge"] = json!(repo.delete_merged);
        }
        if let Some(parent) = repo.fork_of.and_then(|id| self.repos.get(&id)) {
            body["parent"] = self.repository(parent, login);
            body["source"] = body["parent"].clone();
        }
        body
    }

    /// A label.
    pub fn label(&self, repo: &Repo, label: &Label) -> Value {
        json!({
            "id": label.id, "node_id": format!("LA_{}", label.id), "url": format!("{}/repos/{}/labels/{}", self.api(), repo.slug(), label.name.replace(' ', "%20")),
            "name": label.name, "description": label.description, "color": label.color, "default": false,
        })
    }

    /// A milestone.
    pub fn milestone(&self, repo: &Repo, milestone: &Milestone) -> Value {
        let number = milestone.number;
        let url = format!("{}/repos/{}/milestones/{number}", self.api(), repo.slug());
        let state = if milestone.open { "open" } else { "closed" };
        json!({
            "url": url, "html_url": format!("{}/{}/milestone/{number}", self.html(), repo.slug()),
            "labels_url": format!("{url}/labels"), "id": milestone.id, "node_id": format!("MI_{}", milestone.id),
            "number": number, "state": state, "title": milestone.title, "description": null, "creator": self.user(&repo.owner),
            "open_issues": 0, "closed_issues": 0, "created_at": LONG_AGO, "updated_at": LONG_AGO, "closed_at": null, "due_on": null,
        })
    }

    /// What issues and pull requests have in common.
    fn ticket(&self, repo: &Repo, issue: &Issue) -> Value {
        let people = |logins: &[String]| {
            logins
                .iter()
                .map(|login| self.user(login))
                .collect::<Vec<_>>()
        };
        let assignees = people(&issue.assignees);
        let labels = repo
            .labels
            .iter()
            .filter(|label| issue.labels.contains(&label.name));
        let labels: Vec<Value> = labels.map(|label| self.label(repo, label)).collect();
        let milestone = issue.milestone.and_then(|number| {
            let found = repo
                .milestones
                .iter()
                .find(|known| known.number == number)?;
            Some(self.milestone(repo, found))
        });
        json!({
            "id": issue.id, "number": issue.number, "title": issue.title, "body": issue.body,
            "state": if issue.open { "open" } else { "closed" }, "locked": false, "active_lock_reason": null,
            "user": self.user(&issue.author), "assignee": assignees.first(), "assignees": assignees, "labels": labels,
            "milestone": milestone, "created_at": stamp(issue.created), "updated_at": stamp(issue.updated),
            "closed_at": issue.closed.map(stamp),
            "author_association": if repo.is_collaborator(&issue.author) { "COLLABORATOR" } else { "NONE" },
        })
    }

    /// An issue; of a pull request, its face as an issue.
    pub fn issue(&self, repo: &Repo, issue: &Issue) -> Value {
        let root = format!("{}/repos/{}", self.api(), repo.slug());
        let url = format!("{root}/issues/{}", issue.number);
        let page = if issue.pull.is_some() {
            "pull"
        } else {
            "issues"
        };
        let html = format!("{}/{}/{page}/{}", self.html(), repo.slug(), issue.number);
        let mut body = self.ticket(repo, issue);
        body["node_id"] = json!(format!("I_{}", issue.id));
        body["repository_url"] = json!(root);
        body["url"] = json!(url);
        body["labels_url"] = json!(format!("{url}/labels{{/name}}"));
        body["comments_url"] = json!(format!("{url}/comments"));
        body["events_url"] = json!(format!("{url}/events"));
        body["html_url"] = json!(html);
        body["comments"] = json!(issue.comments.len());
        body["state_reason"] = json!((!issue.open).then_some("completed"));
        if let Some(pull) = &issue.pull {
            body["draft"] = json!(pull.draft);
            body["pull_request"] = json!({
                "url": format!("{root}/pulls/{}", issue.number), "html_url": html, "diff_url": format!("{html}.diff"),
                "patch_url": format!("{html}.patch"), "merged_at": pull.merged.as_ref().map(|merged| stamp(merged.at)),
            });
        }
        body
    }

    /// A comment.
    pub fn comment(&self, repo: &Repo, issue: &Issue, comment: &Comment) -> Value {
        let root = format!("{}/repos/{}/issues", self.api(), repo.slug());
        let page = if issue.pull.is_some() {
            "pull"
        } else {
            "issues"
        };
        let html = format!("{}/{}/{page}/{}", self.html(), repo.slug(), issue.number);
        json!({
            "id": comment.id, "node_id": format!("IC_{}", comment.id), "url": format!("{root}/comments/{}", comment.id),
            "html_url": format!("{html}#issuecomment-{}", comment.id), "body": comment.body, "user": self.user(&comment.author),
            "created_at": stamp(comment.created), "updated_at": stamp(comment.created),
            "issue_url": format!("{root}/{}", issue.number), "author_association": "COLLABORATOR",
        })
    }

    /// A pull request as lists have it.
    pub fn pull_of_list(&self, repo: &Repo, issue: &Issue, pull: &Pull, login: &str) -> Value {
        let root = format!("{}/repos/{}", self.api(), repo.slug());
        let url = format!("{root}/pulls/{}", issue.number);
        let html = format!("{}/{}/pull/{}", self.html(), repo.slug(), issue.number);
        let comments = format!("{root}/issues/{}/comments", issue.number);
        let statuses = format!("{root}/statuses/{}", pull.head_oid);
        let review_comment = format!("{root}/pulls/comments{{/number}}");
        let at = |owner: &str, of: Option<&Repo>, name: &str, commit: Oid| {
            json!({
                "label": format!("{owner}:{name}"), "ref": name, "sha": commit.to_string(), "user": self.user(owner),
                "repo": of.map(|of| self.repository(of, login)),
            })
        };
        let link = |href: &str| json!({ "href": href });
        let mut body = self.ticket(repo, issue);
        let more = json!({
            "node_id": node(issue), "url": url, "html_url": html, "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"), "issue_url": format!("{root}/issues/{}", issue.number),
            "commits_url": format!("{url}/commits"), "review_comments_url": format!("{url}/comments"),
            "review_comment_url": review_comment, "comments_url": comments, "statuses_url": statuses,
            "merged_at": pull.merged.as_ref().map(|merged| stamp(merged.at)),
            "merge_commit_sha": pull.merged.as_ref().map(|merged| merged.commit.to_string()),
            "requested_reviewers": pull.reviewers.iter().map(|login| self.user(login)).collect::<Vec<_>>(),
            "requested_teams": pull.teams.iter().map(|slug| self.team(slug)).collect::<Vec<_>>(),
            "head": at(&pull.head_owner, self.repos.get(&pull.head_repo), &pull.head, pull.head_oid),
            "base": at(&repo.owner, Some(repo), &pull.base, pull.base_oid),
            "_links": {
                "self": link(&url), "html": link(&html), "issue": link(&format!("{root}/issues/{}", issue.number)),
                "comments": link(&comments), "review_comments": link(&format!("{url}/comments")),
                "review_comment": link(&review_comment), "commits": link(&format!("{url}/commits")), "statuses": link(&statuses),
            },
            "auto_merge": pull.auto_merge.as_ref().map(|auto| json!({
                "enabled_by": self.user(&auto.by), "merge_method": auto.method, "commit_title": "", "commit_message": "",
            })),
            "draft": pull.draft,
        });
        add(&mut body, more);
        body
    }

    /// A pull request by itself.
    pub fn pull_alone(&self, repo: &Repo, issue: &Issue, pull: &Pull, login: &str) -> Value {
        let extent = repo.bare.extent(pull.base_oid, pull.head_oid);
        let way = self.way(repo, issue, pull);
        let mut body = self.pull_of_list(repo, issue, pull, login);
        let more = json!({
            "merged": pull.merged.is_some(), "mergeable": way.mergeable(), "rebaseable": way.mergeable(),
            "mergeable_state": way.as_rest(), "merged_by": pull.merged.as_ref().map(|merged| self.user(&merged.by)),
            "comments": issue.comments.len(), "review_comments": 0, "maintainer_can_modify": false, "commits": extent.commits,
            "additions": extent.added, "deletions": extent.removed, "changed_files": extent.files,
        });
        add(&mut body, more);
        body
    }
}

/// Adds fields to an object.
fn add(body: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        unreachable!("{more} is no object")
    };
    body.as_object_mut().unwrap().extend(more);
}

/// A pull request's name in GraphQL.
pub fn node(issue: &Issue) -> String {
    format!("PR_{}", issue.id)
}

/// A time as GitHub writes it, to the second.
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A number that a name always gets.
fn number_of(name: &str) -> u64 {
    let fold = |sum: u64, byte: u8| sum.wrapping_mul(31).wrapping_add(u64::from(byte)) % 1_000_003;
    name.to_ascii_lowercase().bytes().fold(7, fold)
}
