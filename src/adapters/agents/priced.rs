//! [`Priced`]: an agent whose spend has money wherever the table of prices knows its model, and that ends when its
//! limits on cost and tokens are reached, whether or not the program has such limits of its own.
//!
//! Tokens are told as they come, and money when it is certain: a program may tell tokens on the way and money at its end,
//! and then its own word counts. What is told as spent always adds up to what the answer says.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::engine::ports::{Agent, AgentLimits, AgentRequest, PortError, Stop, Watch};
use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};
use crate::model::prices::Prices;
use crate::model::spend::{Spend, Tokens};

/// How long a program may go on after its limit: what it tells as spent may be the last thing before its answer.
const GRACE: Duration = Duration::from_secs(2);

/// An agent with a price.
pub struct Priced {
    inner: Arc<dyn Agent>,
    prices: Arc<Prices>,
    grace: Duration,
}

impl Priced {
    /// The agent, with money reckoned by this table where the program tells tokens alone.
    #[must_use]
    pub fn new(inner: Arc<dyn Agent>, prices: Arc<Prices>) -> Self {
        Self {
            inner,
            prices,
            grace: GRACE,
        }
    }
}

#[async_trait]
impl Agent for Priced {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn abilities(&self) -> AgentAbilities {
        self.inner.abilities()
    }

    async fn ask(
        &self,
        request: &AgentRequest<'_>,
        watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError> {
        // Only this request is to end when its limit is reached, and nothing of it without the user's stop.
        let stop = Stop {
            asked: watch.stop.asked.child_token(),
            now: watch.stop.now.child_token(),
        };
        let mut meter = Meter {
            prices: &self.prices,
            limits: request.limits,
            asked_for: request.model,
            answers: None,
            session: request.session.map(|session| session.id.clone()),
            text: None,
            told: Spend::default(),
            unpriced: Tokens::default(),
            used_up: CancellationToken::new(),
        };
        let used_up = meter.used_up.clone();
        let end_it = async {
            used_up.cancelled().await;
            tokio::time::sleep(self.grace).await;
            stop.asked.cancel();
            std::future::pending().await
        };
        let inner_watch = Watch {
            stop: stop.clone(),
            ..watch.clone()
        };
        let mut listen = |event| meter.hear(event, hear);
        let asked = tokio::select! {
            asked = self.inner.ask(request, &inner_watch, &mut listen) => asked,
            never = end_it => never,
        };
        match asked {
            Ok(mut answer) => {
                meter.settle(answer.spend, hear);
                answer.spend = meter.told;
                Ok(answer)
            }
            Err(error) => {
                meter.settle_unanswered(hear);
                let limit = stop.asked.is_cancelled() && !watch.stop.asked.is_cancelled();
                match error {
                    PortError::Stopped if limit => Ok(meter.cut_off()),
                    PortError::Stopped | PortError::Failed { .. } | PortError::TimedOut { .. } => {
                        Err(error)
                    }
                }
            }
        }
    }
}

/// Follows what a request spends.
struct Meter<'a> {
    prices: &'a Prices,
    limits: AgentLimits,
    asked_for: Option<&'a str>,
    answers: Option<String>,
    session: Option<String>,
    text: Option<String>,
    told: Spend,
    /// What was told without money, and may still get some.
    unpriced: Tokens,
    /// Raised when a limit is reached.
    used_up: CancellationToken,
}

impl Meter<'_> {
    fn hear(&mut self, event: AgentEvent, hear: &mut (dyn FnMut(AgentEvent) + Send)) {
        match event {
            AgentEvent::Spent(spend) => self.spent(spend, hear),
            AgentEvent::Model(model) => {
                self.answers = Some(model.clone());
                hear(AgentEvent::Model(model));
            }
            AgentEvent::Session(id) => {
                self.session = Some(id.clone());
                hear(AgentEvent::Session(id));
            }
            AgentEvent::Text(text) => {
                self.text = Some(text.clone());
                hear(AgentEvent::Text(text));
            }
            other @ (AgentEvent::Tool { .. }
            | AgentEvent::File(_)
            | AgentEvent::Denied { .. }
            | AgentEvent::Retrying { .. }
            | AgentEvent::Limit { .. }) => hear(other),
        }
    }

    /// The money for tokens that have none, as far as the table knows the model.
    fn reckon(&self, spend: Spend) -> Spend {
        // What answers is what is paid for, whatever was asked for. Its name may be one that only the provider knows.
        let spend = self.prices.reckon(self.answers.as_deref(), spend);
        self.prices.reckon(self.asked_for, spend)
    }

    fn spent(&mut self, spend: Spend, hear: &mut (dyn FnMut(AgentEvent) + Send)) {
        // That it cost nothing is news where nothing was known.
        let is_news = spend.cost.is_some() && self.told.cost.is_none();
        if spend.is_nothing() && !is_news {
            return;
        }
        self.told += spend;
        hear(AgentEvent::Spent(spend));
        // Money that the program tells is for what it told before, too.
        self.unpriced = match spend.cost {
            Some(_) => Tokens::default(),
            None => (of_tokens(self.unpriced) + spend).tokens,
        };
        let likely = self.told + self.reckon(of_tokens(self.unpriced));
        let cost_reached = matches!(
            (self.limits.cost, likely.cost),
            (Some(limit), Some(cost)) if cost >= limit
        );
        let tokens_reached = self
            .limits
            .tokens
            .is_some_and(|limit| self.told.tokens.total() >= limit);
        if cost_reached || tokens_reached {
            self.used_up.cancel();
        }
    }

    /// Tells what the request cost in all beyond what was told on the way.
    fn settle(&mut self, all: Spend, hear: &mut (dyn FnMut(AgentEvent) + Send)) {
        let tokens = all.tokens.since(&self.told.tokens);
        let rest = match all.cost {
            Some(cost) => Spend {
                cost: Some(cost.saturating_sub(self.told.cost.unwrap_or_default())),
                tokens,
                ..all
            },
            None => Spend {
                tokens,
                ..self.reckon(of_tokens(self.unpriced) + of_tokens(tokens))
            },
        };
        self.spent(rest, hear);
    }

    /// Tells what a request without an answer cost, as far as one can tell.
    fn settle_unanswered(&mut self, hear: &mut (dyn FnMut(AgentEvent) + Send)) {
        let all = Spend {
            cost: None,
            ..self.told
        };
        self.settle(all, hear);
    }

    /// The answer of a request that was ended because its limit was reached.
    fn cut_off(self) -> AgentAnswer {
        AgentAnswer {
            end: AgentEnd::OutOfBudget,
            text: self.text,
            structured: None,
            session: self.session,
            spend: self.told,
            turns: None,
        }
    }
}

fn of_tokens(tokens: Tokens) -> Spend {
    Spend {
        tokens,
        ..Spend::default()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use async_trait::async_trait;

    use super::Priced;
    use crate::engine::ports::{
        Agent, AgentLimits, AgentMode, AgentRequest, PortError, Stop, Watch,
    };
    use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};
    use crate::model::prices::Prices;
    use crate::model::spend::{Spend, Tokens, Usd};

    /// Tells these events, and then answers, unless it was stopped before.
    struct Scripted {
        events: Vec<AgentEvent>,
        spend: Spend,
    }

    #[async_trait]
    impl Agent for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }

        fn abilities(&self) -> AgentAbilities {
            AgentAbilities {
                schema: false,
                sessions: true,
                research: false,
                turns: true,
            }
        }

        async fn ask(
            &self,
            _: &AgentRequest<'_>,
            watch: &Watch,
            hear: &mut (dyn FnMut(AgentEvent) + Send),
        ) -> Result<AgentAnswer, PortError> {
            for event in &self.events {
                hear(event.clone());
                // What it is asked to stop, it is before the next call to its model.
                tokio::time::sleep(Duration::from_millis(20)).await;
                if watch.stop.asked.is_cancelled() {
                    return Err(PortError::Stopped);
                }
            }
            Ok(AgentAnswer {
                end: AgentEnd::Completed,
                text: None,
                structured: None,
                session: None,
                spend: self.spend,
                turns: None,
            })
        }
    }

    fn tokens(input: u64) -> Spend {
        Spend {
            tokens: Tokens {
                input,
                ..Tokens::default()
            },
            ..Spend::default()
        }
    }

    fn dollars(amount: f64) -> Spend {
        Spend {
            cost: Usd::from_dollars(amount),
            ..Spend::default()
        }
    }

    fn limits(cost: Option<f64>, tokens: Option<u64>) -> AgentLimits {
        AgentLimits {
            turns: None,
            cost: cost.and_then(Usd::from_dollars),
            tokens,
            idle: Duration::from_secs(1),
            output: 1,
            disk: 1,
        }
    }

    async fn asked(
        agent: Scripted,
        model: Option<&str>,
        limits: AgentLimits,
        stop: &Stop,
    ) -> (Result<AgentAnswer, PortError>, Spend) {
        let table = "[[price]]\nnames = ['swift']\ninput = 2.0\ncached = 0.1\noutput = 4.0";
        let prices = Arc::new(Prices::parse(table).unwrap());
        let request = AgentRequest {
            prompt: "",
            mode: AgentMode::Edit,
            root: Path::new("/"),
            tmp: Path::new("/"),
            model,
            limits,
            session: None,
            schema: None,
            files: &[],
            commands: &[],
            env: &[],
            transcript: Path::new("/dev/null"),
        };
        let watch = Watch {
            log: "/dev/null".into(),
            timeout: Duration::from_secs(1),
            stop: stop.clone(),
        };
        let mut told = Spend::default();
        let mut hear = |event| {
            if let AgentEvent::Spent(spend) = event {
                told += spend;
            }
        };
        let priced = Priced {
            grace: Duration::ZERO,
            ..Priced::new(Arc::new(agent), prices)
        };
        let answer = priced.ask(&request, &watch, &mut hear).await;
        (answer, told)
    }

    async fn completed(agent: Scripted, model: Option<&str>) -> Spend {
        let (answer, told) = asked(agent, model, limits(None, None), &Stop::default()).await;
        let answer = answer.unwrap();
        assert_eq!(answer.end, AgentEnd::Completed);
        assert_eq!(answer.spend, told);
        told
    }

    #[tokio::test]
    async fn tokens_get_a_price_where_the_model_is_known() {
        let agent = || Scripted {
            events: vec![AgentEvent::Spent(tokens(1_000_000))],
            spend: tokens(1_500_000),
        };
        let spend = completed(agent(), Some("swift")).await;
        assert_eq!(spend.cost, Usd::from_dollars(3.0));
        assert!(spend.estimated);
        let spend = completed(agent(), Some("unheard-of")).await;
        assert_eq!((spend.cost, spend.tokens.total()), (None, 1_500_000));
        assert_eq!(completed(agent(), None).await.cost, None);
    }

    #[tokio::test]
    async fn the_model_that_answers_is_the_one_that_is_paid_for() {
        let agent = Scripted {
            events: vec![AgentEvent::Model("swift".into())],
            spend: tokens(1_000_000),
        };
        let spend = completed(agent, None).await;
        assert_eq!(spend.cost, Usd::from_dollars(2.0));
    }

    #[tokio::test]
    async fn money_that_the_program_tells_stays_as_it_is() {
        let agent = Scripted {
            events: vec![AgentEvent::Spent(dollars(0.5))],
            spend: Spend {
                tokens: tokens(7).tokens,
                ..dollars(0.75)
            },
        };
        let spend = completed(agent, Some("swift")).await;
        assert_eq!(spend.cost, Usd::from_dollars(0.75));
        assert!(!spend.estimated);
    }

    #[tokio::test]
    async fn money_told_at_the_end_counts_over_any_estimate() {
        let agent = Scripted {
            events: vec![AgentEvent::Spent(tokens(1_000_000))],
            spend: Spend {
                tokens: tokens(1_000_000).tokens,
                ..dollars(0.75)
            },
        };
        let spend = completed(agent, Some("swift")).await;
        assert_eq!(spend.cost, Usd::from_dollars(0.75));
        assert!(!spend.estimated);
        assert_eq!(spend.tokens.total(), 1_000_000);
    }

    #[tokio::test]
    async fn money_told_after_the_tokens_is_theirs() {
        let agent = Scripted {
            events: vec![
                AgentEvent::Spent(tokens(1_000_000)),
                AgentEvent::Spent(dollars(0.0)),
            ],
            spend: Spend {
                tokens: tokens(1_000_000).tokens,
                ..dollars(0.0)
            },
        };
        let spend = completed(agent, Some("swift")).await;
        assert_eq!((spend.cost, spend.estimated), (Some(Usd(0)), false));
    }

    #[tokio::test]
    async fn what_was_told_stands_when_the_answer_counts_less() {
        let agent = Scripted {
            events: vec![AgentEvent::Spent(dollars(2.0))],
            spend: dollars(1.0),
        };
        assert_eq!(completed(agent, None).await.cost, Usd::from_dollars(2.0));
    }

    #[tokio::test]
    async fn at_a_limit_the_request_ends_and_the_run_goes_on() {
        for limits in [limits(Some(1.0), None), limits(None, Some(500_000))] {
            let agent = Scripted {
                events: vec![
                    AgentEvent::Session("s".into()),
                    AgentEvent::Spent(tokens(100)),
                    AgentEvent::Spent(tokens(500_000)),
                    AgentEvent::Spent(tokens(9)),
                ],
                spend: tokens(500_109),
            };
            let stop = Stop::default();
            let (answer, told) = asked(agent, Some("swift"), limits, &stop).await;
            let answer = answer.unwrap();
            assert_eq!(answer.end, AgentEnd::OutOfBudget);
            assert_eq!(answer.session.as_deref(), Some("s"));
            assert_eq!(answer.spend, told);
            assert_eq!(told.tokens.total(), 500_100);
            assert_eq!(told.cost, Usd::from_dollars(1.0002));
            assert!(!stop.asked.is_cancelled());
        }
    }

    #[tokio::test]
    async fn an_answer_that_comes_with_the_last_of_the_money_is_taken() {
        let agent = Scripted {
            events: Vec::new(),
            spend: dollars(5.0),
        };
        let limits = limits(Some(1.0), None);
        let (answer, _) = asked(agent, None, limits, &Stop::default()).await;
        assert_eq!(answer.unwrap().end, AgentEnd::Completed);
    }

    #[tokio::test]
    async fn the_users_stop_is_no_limit() {
        let agent = Scripted {
            events: vec![AgentEvent::Spent(dollars(5.0))],
            spend: Spend::default(),
        };
        let stop = Stop::default();
        stop.asked.cancel();
        let (answer, _) = asked(agent, None, limits(Some(1.0), None), &stop).await;
        assert!(matches!(answer, Err(PortError::Stopped)));
    }
}
