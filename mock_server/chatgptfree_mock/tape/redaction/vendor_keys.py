"""
The published shapes of vendors' keys, as data: prefix, what follows it, and the vendor's page.

`scan` of `patterns` tries them at the beginnings of long runs of letters and digits only, so that sixty kinds cost as
much as one.  A check sum is never used to let a key live: one that was mistyped or cut is secret all the same.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """One kind of key: *prefix* is literal, *rest* a pattern without groups."""

    vendor: str
    prefix: str
    rest: str
    source: str
    rule: str = "keys"


_W: Final = "[A-Za-z0-9_-]"
_A: Final = "[A-Za-z0-9]"
_H: Final = "[0-9a-f]"
_GITHUB: Final = "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/"
_GITLAB: Final = "https://docs.gitlab.com/security/tokens/#token-prefixes"
_SLACK: Final = "https://docs.slack.dev/authentication/tokens"
_STRIPE: Final = "https://docs.stripe.com/keys"
_AWS: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
_SHOPIFY: Final = "https://shopify.dev/docs/apps/build/authentication-authorization"
_OPENAI: Final = "https://platform.openai.com/docs/api-reference/authentication"
_VAULT: Final = "https://developer.hashicorp.com/vault/docs/concepts/tokens"
_DO: Final = "https://docs.digitalocean.com/reference/api/create-personal-access-token/"
_GOOGLE: Final = "https://cloud.google.com/docs/authentication/token-types"
_SENTRY: Final = "https://docs.sentry.io/account/auth-tokens/"
_SONAR: Final = "https://docs.sonarsource.com/sonarqube-server/user-guide/managing-tokens/"

KINDS: Final = (
    Kind("Anthropic", "sk-ant-", rf"{_W}{{16,400}}", "https://docs.claude.com/en/api/overview"),
    Kind("OpenRouter", "sk-or-", rf"{_W}{{20,200}}", "https://openrouter.ai/docs/api-reference/authentication"),
    Kind("OpenAI project", "sk-proj-", rf"{_W}{{16,400}}", _OPENAI),
    Kind("OpenAI service account", "sk-svcacct-", rf"{_W}{{16,400}}", _OPENAI),
    Kind("OpenAI admin", "sk-admin-", rf"{_W}{{16,400}}", _OPENAI),
    Kind("OpenAI", "sk-", rf"{_W}{{16,400}}", _OPENAI),
    Kind("OpenAI session", "sess-", rf"{_A}{{32,80}}", _OPENAI),
    Kind("Stripe secret", "sk_", rf"(?:{_A}{{1,12}}_)?{_W}{{16,400}}", _STRIPE),
    Kind("Stripe restricted", "rk_", rf"(?:{_A}{{1,12}}_)?{_W}{{16,400}}", _STRIPE),
    Kind("Stripe publishable", "pk_", rf"(?:{_A}{{1,12}}_)?{_W}{{16,400}}", _STRIPE),
    Kind("Stripe webhook", "whsec_", r"[A-Za-z0-9+/=]{24,80}", "https://docs.stripe.com/webhooks/signature"),
    Kind("OpenAI publishable", "pk-", rf"{_W}{{20,400}}", _OPENAI),
    Kind("Mapbox secret", "sk.eyJ", rf"{_W}{{20,200}}\.{_W}{{20,60}}", "https://docs.mapbox.com/api/accounts/tokens/"),
    Kind("Mapbox public", "pk.eyJ", rf"{_W}{{20,200}}\.{_W}{{20,60}}", "https://docs.mapbox.com/api/accounts/tokens/"),
    Kind("Google API", "AIza", rf"{_W}{{30,50}}", "https://cloud.google.com/docs/authentication/api-keys"),
    Kind("Google OAuth access", "ya29.", r"[A-Za-z0-9_.-]{20,400}", _GOOGLE),
    Kind("Google OAuth client secret", "GOCSPX-", rf"{_W}{{20,40}}", _GOOGLE),
    Kind("GitHub personal", "ghp_", rf"{_A}{{20,255}}", _GITHUB),
    Kind("GitHub OAuth", "gho_", rf"{_A}{{20,255}}", _GITHUB),
    Kind("GitHub user-to-server", "ghu_", rf"{_A}{{20,255}}", _GITHUB),
    Kind("GitHub server-to-server", "ghs_", rf"{_W}{{20,255}}", _GITHUB),
    Kind("GitHub refresh", "ghr_", rf"{_A}{{20,255}}", _GITHUB),
    Kind("GitHub fine-grained", "github_pat_", r"[A-Za-z0-9_]{20,255}", _GITHUB),
    Kind("GitLab personal", "glpat-", r"[A-Za-z0-9_.-]{16,80}", _GITLAB),
    Kind("GitLab deploy", "gldt-", rf"{_W}{{16,64}}", _GITLAB),
    Kind("GitLab runner", "glrt-", r"[A-Za-z0-9_.-]{16,80}", _GITLAB),
    Kind("GitLab trigger", "glptt-", rf"{_W}{{16,64}}", _GITLAB),
    Kind("GitLab CI job", "glcbt-", rf"{_W}{{16,64}}", _GITLAB),
    Kind("GitLab OAuth application", "gloas-", rf"{_W}{{16,80}}", _GITLAB),
    Kind("GitLab SCIM", "glsoat-", rf"{_W}{{16,64}}", _GITLAB),
    Kind("GitLab feed", "glft-", rf"{_W}{{16,64}}", _GITLAB),
    Kind("GitLab incoming mail", "glimt-", rf"{_W}{{16,64}}", _GITLAB),
    Kind("GitLab agent", "glagent-", rf"{_W}{{16,80}}", _GITLAB),
    Kind("GitLab runner registration", "GR1348941", rf"{_W}{{20,40}}", _GITLAB),
    Kind("Slack bot", "xoxb-", r"[A-Za-z0-9-]{10,255}", _SLACK),
    Kind("Slack user", "xoxp-", r"[A-Za-z0-9-]{10,255}", _SLACK),
    Kind("Slack other", "xox", r"[aeorsc](?:\.xox[bp])?-[A-Za-z0-9-]{10,255}", _SLACK),
    Kind("Slack app", "xapp-", r"[0-9]-[A-Za-z0-9-]{20,255}", _SLACK),
    Kind("AWS access key", "AKIA", r"[A-Z0-9]{16}", _AWS),
    Kind("AWS temporary access key", "ASIA", r"[A-Z0-9]{16}", _AWS),
    Kind("AWS bearer", "ABIA", r"[A-Z0-9]{16}", _AWS),
    Kind("AWS context", "ACCA", r"[A-Z0-9]{16}", _AWS),
    Kind(
        "Amazon Bedrock",
        "ABSK",
        r"[A-Za-z0-9+/]{60,269}={0,2}",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
    ),
    Kind(
        "Amazon MWS",
        "amzn.mws.",
        rf"{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}",
        "https://developer-docs.amazon.com/sp-api/",
    ),
    Kind("Hugging Face user", "hf_", rf"{_A}{{20,64}}", "https://huggingface.co/docs/hub/security-tokens"),
    Kind("Hugging Face organisation", "api_org_", rf"{_A}{{20,64}}", "https://huggingface.co/docs/hub/security-tokens"),
    Kind("Groq", "gsk_", rf"{_A}{{20,100}}", "https://console.groq.com/docs/quickstart"),
    Kind("xAI", "xai-", rf"{_A}{{40,120}}", "https://docs.x.ai/docs/overview"),
    Kind("Replicate", "r8_", rf"{_A}{{20,64}}", "https://replicate.com/docs/topics/security/api-tokens"),
    Kind("Perplexity", "pplx-", rf"{_A}{{32,64}}", "https://docs.perplexity.ai/getting-started/quickstart"),
    Kind("Fireworks", "fw_", rf"{_A}{{20,64}}", "https://docs.fireworks.ai/getting-started/quickstart"),
    Kind("Together", "tgp_v1_", rf"{_W}{{30,80}}", "https://docs.together.ai/docs/quickstart"),
    Kind("NVIDIA", "nvapi-", rf"{_W}{{30,100}}", "https://docs.api.nvidia.com/"),
    Kind("Cerebras", "csk-", rf"{_A}{{30,80}}", "https://inference-docs.cerebras.ai/quickstart"),
    Kind("Tavily", "tvly-", rf"{_W}{{20,80}}", "https://docs.tavily.com/documentation/quickstart"),
    Kind("Firecrawl", "fc-", rf"{_H}{{32}}", "https://docs.firecrawl.dev/introduction"),
    Kind("Jina", "jina_", rf"{_W}{{40,80}}", "https://jina.ai/api-dashboard/"),
    Kind("Voyage", "pa-", rf"{_W}{{40,60}}", "https://docs.voyageai.com/docs/api-key-and-installation"),
    Kind("E2B", "e2b_", rf"{_H}{{40}}", "https://e2b.dev/docs/api-key"),
    Kind("Pinecone", "pcsk_", rf"{_W}{{40,100}}", "https://docs.pinecone.io/guides/projects/manage-api-keys"),
    Kind(
        "LangSmith personal",
        "lsv2_",
        rf"(?:pt|sk)_{_H}{{32}}_{_H}{{10}}",
        "https://docs.langchain.com/langsmith/create-account-api-key",
    ),
    Kind("Langfuse", "sk-lf-", rf"{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}", "https://langfuse.com/docs"),
    Kind("Databricks", "dapi", rf"{_H}{{32}}(?:-[0-9])?", "https://docs.databricks.com/aws/en/dev-tools/auth/pat"),
    Kind("DigitalOcean personal", "dop_v1_", rf"{_H}{{64}}", _DO),
    Kind("DigitalOcean OAuth", "doo_v1_", rf"{_H}{{64}}", _DO),
    Kind("DigitalOcean refresh", "dor_v1_", rf"{_H}{{64}}", _DO),
    Kind("HashiCorp Vault service", "hvs.", rf"{_W}{{20,300}}", _VAULT),
    Kind("HashiCorp Vault batch", "hvb.", rf"{_W}{{20,300}}", _VAULT),
    Kind("HashiCorp Vault recovery", "hvr.", rf"{_W}{{20,300}}", _VAULT),
    Kind("Pulumi", "pul-", rf"{_H}{{40}}", "https://www.pulumi.com/docs/administration/access-identity/access-tokens/"),
    Kind(
        "Doppler",
        "dp.",
        r"(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
        "https://docs.doppler.com/docs/service-tokens",
    ),
    Kind("npm", "npm_", rf"{_A}{{30,64}}", "https://docs.npmjs.com/about-access-tokens"),
    Kind("PyPI", "pypi-", rf"{_W}{{16,400}}", "https://pypi.org/help/#apitoken"),
    Kind("RubyGems", "rubygems_", rf"{_H}{{48}}", "https://guides.rubygems.org/api-key-scopes/"),
    Kind("crates.io", "cio", rf"{_A}{{32}}", "https://doc.rust-lang.org/cargo/reference/publishing.html"),
    Kind("NuGet", "oy2", r"[a-z0-9]{43}", "https://learn.microsoft.com/nuget/nuget-org/scoped-api-keys"),
    Kind("Docker personal", "dckr_pat_", rf"{_W}{{24,40}}", "https://docs.docker.com/security/access-tokens/"),
    Kind(
        "Docker organisation",
        "dckr_oat_",
        rf"{_W}{{24,48}}",
        "https://docs.docker.com/enterprise/security/access-tokens/",
    ),
    Kind(
        "JFrog",
        "AKCp",
        rf"{_A}{{60,80}}",
        "https://jfrog.com/help/r/jfrog-platform-administration-documentation/api-key",
    ),
    Kind("CircleCI", "CCIPAT_", rf"{_A}{{20,32}}_{_H}{{40}}", "https://circleci.com/docs/managing-api-tokens/"),
    Kind("Buildkite", "bkua_", rf"{_H}{{40}}", "https://buildkite.com/docs/apis/managing-api-tokens"),
    Kind("SonarQube user", "squ_", rf"{_H}{{40}}", _SONAR),
    Kind("SonarQube project", "sqp_", rf"{_H}{{40}}", _SONAR),
    Kind("SonarQube global", "sqa_", rf"{_H}{{40}}", _SONAR),
    Kind("Twilio key", "SK", rf"{_H}{{32}}", "https://www.twilio.com/docs/iam/api-keys"),
    Kind("Twilio account", "AC", rf"{_H}{{32}}", "https://www.twilio.com/docs/iam/api/account"),
    Kind(
        "SendGrid",
        "SG.",
        rf"{_W}{{16,24}}\.{_W}{{30,50}}",
        "https://docs.sendgrid.com/ui/account-and-settings/api-keys",
    ),
    Kind("Mailgun", "key-", rf"{_H}{{32}}", "https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt"),
    Kind("Brevo", "xkeysib-", rf"{_H}{{64}}-{_A}{{16}}", "https://developers.brevo.com/docs/getting-started"),
    Kind("Brevo SMTP", "xsmtpsib-", rf"{_H}{{64}}-{_A}{{16}}", "https://developers.brevo.com/docs/getting-started"),
    Kind("Resend", "re_", rf"{_A}{{6,12}}_{_A}{{20,32}}", "https://resend.com/docs/dashboard/api-keys/introduction"),
    Kind("Square access", "EAAA", rf"{_W}{{56,64}}", "https://developer.squareup.com/docs/build-basics/access-tokens"),
    Kind("Square secret", "sq0csp-", rf"{_W}{{43}}", "https://developer.squareup.com/docs/build-basics/access-tokens"),
    Kind("Square OAuth", "sq0atp-", rf"{_W}{{22}}", "https://developer.squareup.com/docs/build-basics/access-tokens"),
    Kind(
        "Facebook",
        "EAA",
        r"[A-Za-z0-9]{60,400}",
        "https://developers.facebook.com/docs/facebook-login/guides/access-tokens",
    ),
    Kind("Instagram", "IGQ", rf"{_W}{{60,400}}", "https://developers.facebook.com/docs/instagram-platform"),
    Kind("Razorpay live", "rzp_live_", rf"{_A}{{14,24}}", "https://razorpay.com/docs/api/authentication/"),
    Kind("Razorpay test", "rzp_test_", rf"{_A}{{14,24}}", "https://razorpay.com/docs/api/authentication/"),
    Kind(
        "Flutterwave",
        "FLWSECK",
        rf"(?:_TEST|_LIVE)?-{_W}{{12,60}}",
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Kind(
        "Plaid access",
        "access-",
        rf"(?:production|sandbox|development)-{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}",
        "https://plaid.com/docs/api/tokens/",
    ),
    Kind("Shippo", "shippo_live_", rf"{_H}{{40}}", "https://docs.goshippo.com/docs/guides_general/authentication/"),
    Kind("EasyPost", "EZAK", rf"{_A}{{54}}", "https://docs.easypost.com/docs/authentication"),
    Kind("Shopify access", "shpat_", rf"{_H}{{32}}", _SHOPIFY),
    Kind("Shopify custom app", "shpca_", rf"{_H}{{32}}", _SHOPIFY),
    Kind("Shopify private app", "shppa_", rf"{_H}{{32}}", _SHOPIFY),
    Kind("Shopify shared secret", "shpss_", rf"{_H}{{32}}", _SHOPIFY),
    Kind("Linear", "lin_api_", rf"{_A}{{32,64}}", "https://linear.app/developers/graphql"),
    Kind("Linear OAuth", "lin_oauth_", rf"{_A}{{40,80}}", "https://linear.app/developers/oauth-2-0-authentication"),
    Kind("Notion", "ntn_", rf"{_A}{{40,60}}", "https://developers.notion.com/docs/authorization"),
    Kind("Notion integration", "secret_", rf"{_A}{{43}}", "https://developers.notion.com/docs/authorization"),
    Kind(
        "Airtable",
        "pat",
        rf"{_A}{{14}}\.{_H}{{64}}",
        "https://airtable.com/developers/web/guides/personal-access-tokens",
    ),
    Kind(
        "HubSpot",
        "pat-",
        rf"(?:na|eu)[0-9]-{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}",
        "https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview",
    ),
    Kind("Figma", "figd_", rf"{_W}{{36,64}}", "https://developers.figma.com/docs/rest-api/authentication/"),
    Kind(
        "Postman",
        "PMAK-",
        rf"{_H}{{24}}-{_H}{{34}}",
        "https://learning.postman.com/docs/developer/postman-api/authentication/",
    ),
    Kind(
        "New Relic user", "NRAK-", r"[A-Z0-9]{27}", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"
    ),
    Kind(
        "New Relic insert",
        "NRII-",
        rf"{_W}{{32}}",
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Kind(
        "New Relic browser",
        "NRJS-",
        rf"{_H}{{19}}",
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Kind(
        "Grafana cloud",
        "glc_",
        r"[A-Za-z0-9+/]{32,400}={0,2}",
        "https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/",
    ),
    Kind(
        "Grafana service account",
        "glsa_",
        rf"{_A}{{32}}_{_H}{{8}}",
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
    ),
    Kind("Sentry organisation", "sntrys_", r"[A-Za-z0-9+/=_-]{40,400}", _SENTRY),
    Kind("Sentry user", "sntryu_", rf"{_H}{{64}}", _SENTRY),
    Kind("PostHog personal", "phx_", rf"{_W}{{40,64}}", "https://posthog.com/docs/api"),
    Kind(
        "Dynatrace",
        "dt0",
        r"[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
        "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients",
    ),
    Kind(
        "Atlassian",
        "ATATT3",
        r"[A-Za-z0-9_=-]{100,220}",
        "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
    ),
    Kind(
        "Bitbucket",
        "ATCTT3",
        r"[A-Za-z0-9_=-]{100,220}",
        "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
    ),
    Kind(
        "Bitbucket app password",
        "ATBB",
        rf"{_A}{{32}}",
        "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/",
    ),
    Kind("Heroku", "HRKU-", rf"{_W}{{36,70}}", "https://devcenter.heroku.com/articles/authentication"),
    Kind("Fly.io", "fo1_", rf"{_W}{{43}}", "https://fly.io/docs/security/tokens/"),
    Kind("Fly.io macaroon", "fm2_", r"[A-Za-z0-9+/=_-]{40,2000}", "https://fly.io/docs/security/tokens/"),
    Kind("Netlify", "nfp_", rf"{_A}{{36}}", "https://docs.netlify.com/api/get-started/"),
    Kind("Vercel blob", "vercel_blob_rw_", rf"{_A}{{16}}_{_A}{{24,40}}", "https://vercel.com/docs/vercel-blob"),
    Kind("Supabase", "sbp_", rf"{_H}{{40}}", "https://supabase.com/docs/reference/api/introduction"),
    Kind("Supabase secret", "sb_secret_", rf"{_W}{{20,60}}", "https://supabase.com/docs/guides/api/api-keys"),
    Kind(
        "PlanetScale",
        "pscale_",
        r"(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}",
        "https://planetscale.com/docs/api/planetscale-api-oauth-applications",
    ),
    Kind("Neon", "napi_", rf"{_A}{{40,80}}", "https://neon.com/docs/manage/api-keys"),
    Kind(
        "Tailscale",
        "tskey-",
        rf"(?:auth|api|client|scim|webhook)-{_A}{{8,24}}-{_A}{{20,40}}",
        "https://tailscale.com/kb/1085/auth-keys",
    ),
    Kind("Dropbox", "sl.", rf"{_W}{{60,400}}", "https://developers.dropbox.com/oauth-guide"),
    Kind(
        "Alibaba Cloud",
        "LTAI",
        rf"{_A}{{12,24}}",
        "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
    ),
    Kind("Tencent Cloud", "AKID", rf"{_A}{{32}}", "https://www.tencentcloud.com/document/product/598"),
    Kind("Yandex", "y0_", rf"{_W}{{40,80}}", "https://yandex.com/dev/id/doc/en/access"),
    Kind("Yandex Cloud", "AQVN", rf"{_W}{{35,38}}", "https://yandex.cloud/en/docs/iam/concepts/authorization/api-key"),
    Kind("1Password", "ops_eyJ", rf"{_W}{{80,1600}}", "https://developer.1password.com/docs/service-accounts/"),
    Kind("age", "AGE-SECRET-KEY-1", r"[A-Z0-9]{20,58}", "https://age-encryption.org/v1"),
    Kind(
        "Contentful", "CFPAT-", rf"{_W}{{43}}", "https://www.contentful.com/developers/docs/references/authentication/"
    ),
    Kind("Duffel", "duffel_", rf"(?:live|test)_{_W}{{43}}", "https://duffel.com/docs/api/overview/authentication"),
    Kind(
        "LaunchDarkly",
        "sdk-",
        rf"{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}",
        "https://launchdarkly.com/docs/home/account/api",
    ),
    Kind(
        "LaunchDarkly API",
        "api-",
        rf"{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}",
        "https://launchdarkly.com/docs/home/account/api",
    ),
    Kind("Prefect", "pnu_", rf"{_A}{{36}}", "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys"),
    Kind("ReadMe", "rdme_", rf"{_A}{{60,80}}", "https://docs.readme.com/main/reference/intro/authentication"),
    Kind(
        "Sourcegraph",
        "sgp_",
        rf"(?:{_H}{{16}}_|local_)?{_H}{{40}}",
        "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
    ),
    Kind(
        "Typeform",
        "tfp_",
        r"[A-Za-z0-9_.=-]{40,80}",
        "https://www.typeform.com/developers/get-started/personal-access-token/",
    ),
    Kind("Apify", "apify_api_", rf"{_A}{{30,50}}", "https://docs.apify.com/platform/integrations/api"),
    Kind("Canva", "cnvca", rf"{_W}{{40,80}}", "https://www.canva.dev/docs/connect/authentication/"),
    Kind("Frame.io", "fio-u-", rf"{_W}{{60,70}}", "https://developer.frame.io/docs/getting-started/authentication"),
    Kind("Lob", "live_", rf"(?:pub_)?{_H}{{31,35}}", "https://docs.lob.com/#tag/Authentication"),
    Kind("Weights & Biases", "wandb_v1_", rf"{_W}{{40,100}}", "https://docs.wandb.ai/support/find_api_key/"),
    Kind("Adafruit", "aio_", rf"{_A}{{28}}", "https://io.adafruit.com/api/docs/"),
    Kind("Infracost", "ico-", rf"{_A}{{32}}", "https://www.infracost.io/docs/"),
    *(
        Kind(
            "Discord bot",
            beginning,
            rf"{_A}{{22,26}}\.{_W}{{6}}\.{_W}{{27,40}}",
            "https://docs.discord.com/developers/reference#authentication",
        )
        for beginning in ("MT", "Mj", "Mz", "MD", "ND", "NT", "Nj", "Nz", "OD", "OT")  # digits in base64
    ),
    Kind("Discord user", "mfa.", rf"{_W}{{80,95}}", "https://docs.discord.com/developers/reference#authentication"),
    Kind("Vercel", "vc", rf"[pcikr]_{_A}{{24,80}}", "https://vercel.com/docs/rest-api"),
    Kind("Adobe", "p8e-", rf"{_A}{{32}}", "https://developer.adobe.com/developer-console/docs/guides/authentication/"),
    Kind("PostHog project", "phc_", rf"{_W}{{40,64}}", "https://posthog.com/docs/api"),
    Kind("ElevenLabs", "xi-", rf"{_H}{{32}}", "https://elevenlabs.io/docs/api-reference/authentication"),
    Kind(
        "Zapier webhook path",
        "hooks.zapier.com/hooks/catch/",
        r"[0-9]{3,12}/[a-z0-9]{5,12}",
        "https://help.zapier.com/hc/en-us/articles/8496288690317",
    ),
    Kind(
        "OpenAI response",
        "resp_",
        rf"{_A}{{12,128}}",
        "https://platform.openai.com/docs/api-reference/responses",
        "sessions",
    ),
    Kind(
        "OpenAI thread",
        "thread_",
        rf"{_A}{{12,128}}",
        "https://platform.openai.com/docs/api-reference/threads",
        "sessions",
    ),
    Kind(
        "OpenAI conversation",
        "conv_",
        rf"{_A}{{12,128}}",
        "https://platform.openai.com/docs/api-reference/conversations",
        "sessions",
    ),
    Kind("OpenAI run", "run_", rf"{_A}{{12,128}}", "https://platform.openai.com/docs/api-reference/runs", "sessions"),
    Kind("AIPKit stream cache", "aipkit_sse_", rf"{_A}{{32}}", "recording 2.3.31/stream_ok", "sessions"),
    Kind(
        "CAS ticket",
        "ST-",
        r"[0-9]{1,8}-[A-Za-z0-9_.-]{16,256}",
        "https://apereo.github.io/cas/development/protocol/CAS-Protocol-Specification.html",
    ),
)
"""Longer prefixes stand before shorter ones that begin alike."""


def _automaton() -> re.Pattern[str]:
    """Join all kinds into one pattern, branched by first letter: one step finds the few that can fit."""
    by_letter: dict[str, list[tuple[int, Kind]]] = {}
    for number, kind in enumerate(KINDS):
        by_letter.setdefault(kind.prefix[0], []).append((number, kind))
    branches = []
    for letter, kinds in by_letter.items():
        inner = "|".join(f"(?P<k{number}>{re.escape(kind.prefix[1:])}{kind.rest})" for number, kind in kinds)
        branches.append(f"{letter}(?:{inner})")
    return re.compile("|".join(branches), re.ASCII)


AUTOMATON: Final = _automaton()
"""Matches any kind; the name of its last group is `k` and the kind's number."""
BEGINNINGS: Final = frozenset(kind.prefix[:3] for kind in KINDS)
"""The first three characters of every kind, two where the prefix has no more."""


def kind_of(found: re.Match[str]) -> Kind:
    """Return which kind *found*, a match of `AUTOMATON`, is."""
    return KINDS[int((found.lastgroup or "k0")[1:])]
