"""
The published shapes of vendors' keys, as data: prefix, what follows it, and the vendor's page.

`keys_in_runs` tries them at the beginnings of long runs of letters and digits only, so that all kinds cost as
much as one.  A checksum never excludes a key: one that was mistyped or cut is secret all the same.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from chatgptfree_mock.tape.lazy_pattern import LazyPattern


class VendorKey(NamedTuple):
    """One kind of key: *prefix* is literal, *rest* a pattern without groups."""

    vendor: str
    prefix: str
    rest: str
    source: str
    rule: str = "keys"


_W: Final = "[A-Za-z0-9_-]"
_A: Final = "[A-Za-z0-9]"
_H: Final = "[0-9a-f]"
_UUID: Final = rf"{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}"
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
    VendorKey("Anthropic", "sk-ant-", rf"{_W}{{16,400}}", "https://docs.claude.com/en/api/overview"),
    VendorKey("OpenRouter", "sk-or-", rf"{_W}{{20,200}}", "https://openrouter.ai/docs/api-reference/authentication"),
    VendorKey("OpenAI project", "sk-proj-", rf"{_W}{{16,400}}", _OPENAI),
    VendorKey("OpenAI service account", "sk-svcacct-", rf"{_W}{{16,400}}", _OPENAI),
    VendorKey("OpenAI admin", "sk-admin-", rf"{_W}{{16,400}}", _OPENAI),
    VendorKey("OpenAI", "sk-", rf"{_W}{{16,400}}", _OPENAI),
    VendorKey("OpenAI session", "sess-", rf"{_A}{{32,80}}", _OPENAI),
    VendorKey("Stripe secret", "sk_", rf"(?:{_A}{{1,12}}_)?{_W}{{16,400}}", _STRIPE),
    VendorKey("Stripe restricted", "rk_", rf"(?:{_A}{{1,12}}_)?{_W}{{16,400}}", _STRIPE),
    VendorKey("Stripe publishable", "pk_", rf"(?:{_A}{{1,12}}_)?{_W}{{16,400}}", _STRIPE),
    VendorKey("Stripe webhook", "whsec_", r"[A-Za-z0-9+/=]{24,80}", "https://docs.stripe.com/webhooks/signature"),
    VendorKey("OpenAI publishable", "pk-", rf"{_W}{{20,400}}", _OPENAI),
    VendorKey(
        "Mapbox secret", "sk.eyJ", rf"{_W}{{20,200}}\.{_W}{{20,60}}", "https://docs.mapbox.com/api/accounts/tokens/"
    ),
    VendorKey(
        "Mapbox public", "pk.eyJ", rf"{_W}{{20,200}}\.{_W}{{20,60}}", "https://docs.mapbox.com/api/accounts/tokens/"
    ),
    VendorKey("Google API", "AIza", rf"{_W}{{30,50}}", "https://cloud.google.com/docs/authentication/api-keys"),
    VendorKey("Google OAuth access", "ya29.", r"[A-Za-z0-9_.-]{20,400}", _GOOGLE),
    VendorKey("Google OAuth client secret", "GOCSPX-", rf"{_W}{{20,40}}", _GOOGLE),
    VendorKey("GitHub personal", "ghp_", rf"{_A}{{20,255}}", _GITHUB),
    VendorKey("GitHub OAuth", "gho_", rf"{_A}{{20,255}}", _GITHUB),
    VendorKey("GitHub user-to-server", "ghu_", rf"{_A}{{20,255}}", _GITHUB),
    VendorKey("GitHub server-to-server", "ghs_", rf"{_W}{{20,255}}", _GITHUB),
    VendorKey("GitHub refresh", "ghr_", rf"{_A}{{20,255}}", _GITHUB),
    VendorKey("GitHub fine-grained", "github_pat_", r"[A-Za-z0-9_]{20,255}", _GITHUB),
    VendorKey("GitLab personal", "glpat-", r"[A-Za-z0-9_.-]{16,80}", _GITLAB),
    VendorKey("GitLab deploy", "gldt-", rf"{_W}{{16,64}}", _GITLAB),
    VendorKey("GitLab runner", "glrt-", r"[A-Za-z0-9_.-]{16,80}", _GITLAB),
    VendorKey("GitLab trigger", "glptt-", rf"{_W}{{16,64}}", _GITLAB),
    VendorKey("GitLab CI job", "glcbt-", rf"{_W}{{16,64}}", _GITLAB),
    VendorKey("GitLab OAuth application", "gloas-", rf"{_W}{{16,80}}", _GITLAB),
    VendorKey("GitLab SCIM", "glsoat-", rf"{_W}{{16,64}}", _GITLAB),
    VendorKey("GitLab feed", "glft-", rf"{_W}{{16,64}}", _GITLAB),
    VendorKey("GitLab incoming mail", "glimt-", rf"{_W}{{16,64}}", _GITLAB),
    VendorKey("GitLab agent", "glagent-", rf"{_W}{{16,80}}", _GITLAB),
    VendorKey("GitLab runner registration", "GR1348941", rf"{_W}{{20,40}}", _GITLAB),
    VendorKey("Slack bot", "xoxb-", r"[A-Za-z0-9-]{10,255}", _SLACK),
    VendorKey("Slack user", "xoxp-", r"[A-Za-z0-9-]{10,255}", _SLACK),
    VendorKey("Slack other", "xox", r"[aeorsc](?:\.xox[bp])?-[A-Za-z0-9-]{10,255}", _SLACK),
    VendorKey("Slack app", "xapp-", r"[0-9]-[A-Za-z0-9-]{20,255}", _SLACK),
    VendorKey("AWS access key", "AKIA", r"[A-Z0-9]{16}", _AWS),
    VendorKey("AWS temporary access key", "ASIA", r"[A-Z0-9]{16}", _AWS),
    VendorKey("AWS bearer", "ABIA", r"[A-Z0-9]{16}", _AWS),
    VendorKey("AWS context", "ACCA", r"[A-Z0-9]{16}", _AWS),
    VendorKey(
        "Amazon Bedrock",
        "ABSK",
        r"[A-Za-z0-9+/]{60,269}={0,2}",
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
    ),
    VendorKey("Amazon MWS", "amzn.mws.", _UUID, "https://developer-docs.amazon.com/sp-api/"),
    VendorKey("Hugging Face user", "hf_", rf"{_A}{{20,64}}", "https://huggingface.co/docs/hub/security-tokens"),
    VendorKey(
        "Hugging Face organisation", "api_org_", rf"{_A}{{20,64}}", "https://huggingface.co/docs/hub/security-tokens"
    ),
    VendorKey("Groq", "gsk_", rf"{_A}{{20,100}}", "https://console.groq.com/docs/quickstart"),
    VendorKey("xAI", "xai-", rf"{_A}{{40,120}}", "https://docs.x.ai/docs/overview"),
    VendorKey("Replicate", "r8_", rf"{_A}{{20,64}}", "https://replicate.com/docs/topics/security/api-tokens"),
    VendorKey("Perplexity", "pplx-", rf"{_A}{{32,64}}", "https://docs.perplexity.ai/getting-started/quickstart"),
    VendorKey("Fireworks", "fw_", rf"{_A}{{20,64}}", "https://docs.fireworks.ai/getting-started/quickstart"),
    VendorKey("Together", "tgp_v1_", rf"{_W}{{30,80}}", "https://docs.together.ai/docs/quickstart"),
    VendorKey("NVIDIA", "nvapi-", rf"{_W}{{30,100}}", "https://docs.api.nvidia.com/"),
    VendorKey("Cerebras", "csk-", rf"{_A}{{30,80}}", "https://inference-docs.cerebras.ai/quickstart"),
    VendorKey("Tavily", "tvly-", rf"{_W}{{20,80}}", "https://docs.tavily.com/documentation/quickstart"),
    VendorKey("Firecrawl", "fc-", rf"{_H}{{32}}", "https://docs.firecrawl.dev/introduction"),
    VendorKey("Jina", "jina_", rf"{_W}{{40,80}}", "https://jina.ai/api-dashboard/"),
    VendorKey("Voyage", "pa-", rf"{_W}{{40,60}}", "https://docs.voyageai.com/docs/api-key-and-installation"),
    VendorKey("E2B", "e2b_", rf"{_H}{{40}}", "https://e2b.dev/docs/api-key"),
    VendorKey("Pinecone", "pcsk_", rf"{_W}{{40,100}}", "https://docs.pinecone.io/guides/projects/manage-api-keys"),
    VendorKey(
        "LangSmith personal",
        "lsv2_",
        rf"(?:pt|sk)_{_H}{{32}}_{_H}{{10}}",
        "https://docs.langchain.com/langsmith/create-account-api-key",
    ),
    VendorKey("Langfuse", "sk-lf-", _UUID, "https://langfuse.com/docs"),
    VendorKey("Databricks", "dapi", rf"{_H}{{32}}(?:-[0-9])?", "https://docs.databricks.com/aws/en/dev-tools/auth/pat"),
    VendorKey("DigitalOcean personal", "dop_v1_", rf"{_H}{{64}}", _DO),
    VendorKey("DigitalOcean OAuth", "doo_v1_", rf"{_H}{{64}}", _DO),
    VendorKey("DigitalOcean refresh", "dor_v1_", rf"{_H}{{64}}", _DO),
    VendorKey("HashiCorp Vault service", "hvs.", rf"{_W}{{20,300}}", _VAULT),
    VendorKey("HashiCorp Vault batch", "hvb.", rf"{_W}{{20,300}}", _VAULT),
    VendorKey("HashiCorp Vault recovery", "hvr.", rf"{_W}{{20,300}}", _VAULT),
    VendorKey(
        "Pulumi", "pul-", rf"{_H}{{40}}", "https://www.pulumi.com/docs/administration/access-identity/access-tokens/"
    ),
    VendorKey(
        "Doppler",
        "dp.",
        r"(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
        "https://docs.doppler.com/docs/service-tokens",
    ),
    VendorKey("npm", "npm_", rf"{_A}{{30,64}}", "https://docs.npmjs.com/about-access-tokens"),
    VendorKey("PyPI", "pypi-", rf"{_W}{{16,400}}", "https://pypi.org/help/#apitoken"),
    VendorKey("RubyGems", "rubygems_", rf"{_H}{{48}}", "https://guides.rubygems.org/api-key-scopes/"),
    VendorKey("crates.io", "cio", rf"{_A}{{32}}", "https://doc.rust-lang.org/cargo/reference/publishing.html"),
    VendorKey("NuGet", "oy2", r"[a-z0-9]{43}", "https://learn.microsoft.com/nuget/nuget-org/scoped-api-keys"),
    VendorKey("Docker personal", "dckr_pat_", rf"{_W}{{24,40}}", "https://docs.docker.com/security/access-tokens/"),
    VendorKey(
        "Docker organisation",
        "dckr_oat_",
        rf"{_W}{{24,48}}",
        "https://docs.docker.com/enterprise/security/access-tokens/",
    ),
    VendorKey(
        "JFrog",
        "AKCp",
        rf"{_A}{{60,80}}",
        "https://jfrog.com/help/r/jfrog-platform-administration-documentation/api-key",
    ),
    VendorKey("CircleCI", "CCIPAT_", rf"{_A}{{20,32}}_{_H}{{40}}", "https://circleci.com/docs/managing-api-tokens/"),
    VendorKey("Buildkite", "bkua_", rf"{_H}{{40}}", "https://buildkite.com/docs/apis/managing-api-tokens"),
    VendorKey("SonarQube user", "squ_", rf"{_H}{{40}}", _SONAR),
    VendorKey("SonarQube project", "sqp_", rf"{_H}{{40}}", _SONAR),
    VendorKey("SonarQube global", "sqa_", rf"{_H}{{40}}", _SONAR),
    VendorKey("Twilio key", "SK", rf"{_H}{{32}}", "https://www.twilio.com/docs/iam/api-keys"),
    VendorKey("Twilio account", "AC", rf"{_H}{{32}}", "https://www.twilio.com/docs/iam/api/account"),
    VendorKey(
        "SendGrid",
        "SG.",
        rf"{_W}{{16,24}}\.{_W}{{30,50}}",
        "https://docs.sendgrid.com/ui/account-and-settings/api-keys",
    ),
    VendorKey(
        "Mailgun", "key-", rf"{_H}{{32}}", "https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt"
    ),
    VendorKey("Brevo", "xkeysib-", rf"{_H}{{64}}-{_A}{{16}}", "https://developers.brevo.com/docs/getting-started"),
    VendorKey(
        "Brevo SMTP", "xsmtpsib-", rf"{_H}{{64}}-{_A}{{16}}", "https://developers.brevo.com/docs/getting-started"
    ),
    VendorKey(
        "Resend", "re_", rf"{_A}{{6,12}}_{_A}{{20,32}}", "https://resend.com/docs/dashboard/api-keys/introduction"
    ),
    VendorKey(
        "Square access", "EAAA", rf"{_W}{{56,64}}", "https://developer.squareup.com/docs/build-basics/access-tokens"
    ),
    VendorKey(
        "Square secret", "sq0csp-", rf"{_W}{{43}}", "https://developer.squareup.com/docs/build-basics/access-tokens"
    ),
    VendorKey(
        "Square OAuth", "sq0atp-", rf"{_W}{{22}}", "https://developer.squareup.com/docs/build-basics/access-tokens"
    ),
    VendorKey(
        "Facebook",
        "EAA",
        r"[A-Za-z0-9]{60,400}",
        "https://developers.facebook.com/docs/facebook-login/guides/access-tokens",
    ),
    VendorKey("Instagram", "IGQ", rf"{_W}{{60,400}}", "https://developers.facebook.com/docs/instagram-platform"),
    VendorKey("Razorpay live", "rzp_live_", rf"{_A}{{14,24}}", "https://razorpay.com/docs/api/authentication/"),
    VendorKey("Razorpay test", "rzp_test_", rf"{_A}{{14,24}}", "https://razorpay.com/docs/api/authentication/"),
    VendorKey(
        "Flutterwave",
        "FLWSECK",
        rf"(?:_TEST|_LIVE)?-{_W}{{12,60}}",
        "https://developer.flutterwave.com/docs/authentication",
    ),
    VendorKey(
        "Plaid access", "access-", rf"(?:production|sandbox|development)-{_UUID}", "https://plaid.com/docs/api/tokens/"
    ),
    VendorKey(
        "Shippo", "shippo_live_", rf"{_H}{{40}}", "https://docs.goshippo.com/docs/guides_general/authentication/"
    ),
    VendorKey("EasyPost", "EZAK", rf"{_A}{{54}}", "https://docs.easypost.com/docs/authentication"),
    VendorKey("Shopify access", "shpat_", rf"{_H}{{32}}", _SHOPIFY),
    VendorKey("Shopify custom app", "shpca_", rf"{_H}{{32}}", _SHOPIFY),
    VendorKey("Shopify private app", "shppa_", rf"{_H}{{32}}", _SHOPIFY),
    VendorKey("Shopify shared secret", "shpss_", rf"{_H}{{32}}", _SHOPIFY),
    VendorKey("Linear", "lin_api_", rf"{_A}{{32,64}}", "https://linear.app/developers/graphql"),
    VendorKey(
        "Linear OAuth", "lin_oauth_", rf"{_A}{{40,80}}", "https://linear.app/developers/oauth-2-0-authentication"
    ),
    VendorKey("Notion", "ntn_", rf"{_A}{{40,60}}", "https://developers.notion.com/docs/authorization"),
    VendorKey("Notion integration", "secret_", rf"{_A}{{43}}", "https://developers.notion.com/docs/authorization"),
    VendorKey(
        "Airtable",
        "pat",
        rf"{_A}{{14}}\.{_H}{{64}}",
        "https://airtable.com/developers/web/guides/personal-access-tokens",
    ),
    VendorKey(
        "HubSpot",
        "pat-",
        rf"(?:na|eu)[0-9]-{_UUID}",
        "https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview",
    ),
    VendorKey("Figma", "figd_", rf"{_W}{{36,64}}", "https://developers.figma.com/docs/rest-api/authentication/"),
    VendorKey(
        "Postman",
        "PMAK-",
        rf"{_H}{{24}}-{_H}{{34}}",
        "https://learning.postman.com/docs/developer/postman-api/authentication/",
    ),
    VendorKey(
        "New Relic user", "NRAK-", r"[A-Z0-9]{27}", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"
    ),
    VendorKey(
        "New Relic insert",
        "NRII-",
        rf"{_W}{{32}}",
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    VendorKey(
        "New Relic browser",
        "NRJS-",
        rf"{_H}{{19}}",
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    VendorKey(
        "Grafana cloud",
        "glc_",
        r"[A-Za-z0-9+/]{32,400}={0,2}",
        "https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/",
    ),
    VendorKey(
        "Grafana service account",
        "glsa_",
        rf"{_A}{{32}}_{_H}{{8}}",
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
    ),
    VendorKey(
        "Grafana API",
        "eyJrIjoi",
        rf"{_W}{{40,200}}={{0,2}}",
        "https://grafana.com/docs/grafana/latest/developers/http_api/authentication/",
    ),
    VendorKey("Sentry organisation", "sntrys_", r"[A-Za-z0-9+/=_-]{40,400}", _SENTRY),
    VendorKey("Sentry user", "sntryu_", rf"{_H}{{64}}", _SENTRY),
    VendorKey("PostHog personal", "phx_", rf"{_W}{{40,64}}", "https://posthog.com/docs/api"),
    VendorKey(
        "Dynatrace",
        "dt0",
        r"[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
        "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients",
    ),
    VendorKey(
        "Atlassian",
        "ATATT3",
        r"[A-Za-z0-9_=-]{100,220}",
        "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
    ),
    VendorKey(
        "Bitbucket",
        "ATCTT3",
        r"[A-Za-z0-9_=-]{100,220}",
        "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
    ),
    VendorKey(
        "Bitbucket app password",
        "ATBB",
        rf"{_A}{{32}}",
        "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/",
    ),
    VendorKey("Heroku", "HRKU-", rf"{_W}{{36,70}}", "https://devcenter.heroku.com/articles/authentication"),
    VendorKey("Fly.io", "fo1_", rf"{_W}{{43}}", "https://fly.io/docs/security/tokens/"),
    VendorKey("Fly.io macaroon", "fm2_", r"[A-Za-z0-9+/=_-]{40,2000}", "https://fly.io/docs/security/tokens/"),
    VendorKey("Netlify", "nfp_", rf"{_A}{{36}}", "https://docs.netlify.com/api/get-started/"),
    VendorKey("Vercel blob", "vercel_blob_rw_", rf"{_A}{{16}}_{_A}{{24,40}}", "https://vercel.com/docs/vercel-blob"),
    VendorKey("Supabase", "sbp_", rf"{_H}{{40}}", "https://supabase.com/docs/reference/api/introduction"),
    VendorKey("Supabase secret", "sb_secret_", rf"{_W}{{20,60}}", "https://supabase.com/docs/guides/api/api-keys"),
    VendorKey(
        "PlanetScale",
        "pscale_",
        r"(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}",
        "https://planetscale.com/docs/api/planetscale-api-oauth-applications",
    ),
    VendorKey("Neon", "napi_", rf"{_A}{{40,80}}", "https://neon.com/docs/manage/api-keys"),
    VendorKey(
        "Tailscale",
        "tskey-",
        rf"(?:auth|api|client|scim|webhook)-{_A}{{8,24}}-{_A}{{20,40}}",
        "https://tailscale.com/kb/1085/auth-keys",
    ),
    VendorKey("Dropbox", "sl.", rf"{_W}{{60,400}}", "https://developers.dropbox.com/oauth-guide"),
    VendorKey(
        "Alibaba Cloud",
        "LTAI",
        rf"{_A}{{12,24}}",
        "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
    ),
    VendorKey("Tencent Cloud", "AKID", rf"{_A}{{32}}", "https://www.tencentcloud.com/document/product/598"),
    VendorKey("Yandex", "y0_", rf"{_W}{{40,80}}", "https://yandex.com/dev/id/doc/en/access"),
    VendorKey(
        "Yandex Cloud", "AQVN", rf"{_W}{{35,38}}", "https://yandex.cloud/en/docs/iam/concepts/authorization/api-key"
    ),
    VendorKey("1Password", "ops_eyJ", rf"{_W}{{80,1600}}", "https://developer.1password.com/docs/service-accounts/"),
    VendorKey("age", "AGE-SECRET-KEY-1", r"[A-Z0-9]{20,58}", "https://age-encryption.org/v1"),
    VendorKey(
        "Contentful", "CFPAT-", rf"{_W}{{43}}", "https://www.contentful.com/developers/docs/references/authentication/"
    ),
    VendorKey("Duffel", "duffel_", rf"(?:live|test)_{_W}{{43}}", "https://duffel.com/docs/api/overview/authentication"),
    VendorKey("LaunchDarkly", "sdk-", _UUID, "https://launchdarkly.com/docs/home/account/api"),
    VendorKey("LaunchDarkly API", "api-", _UUID, "https://launchdarkly.com/docs/home/account/api"),
    VendorKey(
        "Prefect", "pnu_", rf"{_A}{{36}}", "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys"
    ),
    VendorKey("ReadMe", "rdme_", rf"{_A}{{60,80}}", "https://docs.readme.com/main/reference/intro/authentication"),
    VendorKey(
        "Sourcegraph",
        "sgp_",
        rf"(?:{_H}{{16}}_|local_)?{_H}{{40}}",
        "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
    ),
    VendorKey(
        "Typeform",
        "tfp_",
        r"[A-Za-z0-9_.=-]{40,80}",
        "https://www.typeform.com/developers/get-started/personal-access-token/",
    ),
    VendorKey("Apify", "apify_api_", rf"{_A}{{30,50}}", "https://docs.apify.com/platform/integrations/api"),
    VendorKey("Canva", "cnvca", rf"{_W}{{40,80}}", "https://www.canva.dev/docs/connect/authentication/"),
    VendorKey(
        "Frame.io", "fio-u-", rf"{_W}{{60,70}}", "https://developer.frame.io/docs/getting-started/authentication"
    ),
    VendorKey("Lob", "live_", rf"(?:pub_)?{_H}{{31,35}}", "https://docs.lob.com/#tag/Authentication"),
    VendorKey("Weights & Biases", "wandb_v1_", rf"{_W}{{40,100}}", "https://docs.wandb.ai/support/find_api_key/"),
    VendorKey("Adafruit", "aio_", rf"{_A}{{28}}", "https://io.adafruit.com/api/docs/"),
    VendorKey("Infracost", "ico-", rf"{_A}{{32}}", "https://www.infracost.io/docs/"),
    *(
        VendorKey(
            "Discord bot",
            beginning,
            rf"{_A}{{22,26}}\.{_W}{{6}}\.{_W}{{27,40}}",
            "https://docs.discord.com/developers/reference#authentication",
        )
        for beginning in ("MT", "Mj", "Mz", "MD", "ND", "NT", "Nj", "Nz", "OD", "OT")  # digits in base64
    ),
    VendorKey(
        "Discord user", "mfa.", rf"{_W}{{80,95}}", "https://docs.discord.com/developers/reference#authentication"
    ),
    VendorKey("Vercel", "vc", rf"[pcikr]_{_A}{{24,80}}", "https://vercel.com/docs/rest-api"),
    VendorKey(
        "Adobe", "p8e-", rf"{_A}{{32}}", "https://developer.adobe.com/developer-console/docs/guides/authentication/"
    ),
    VendorKey("PostHog project", "phc_", rf"{_W}{{40,64}}", "https://posthog.com/docs/api"),
    VendorKey("ElevenLabs", "xi-", rf"{_H}{{32}}", "https://elevenlabs.io/docs/api-reference/authentication"),
    VendorKey(
        "Zapier webhook path",
        "hooks.zapier.com/hooks/catch/",
        r"[0-9]{3,12}/[a-z0-9]{5,12}",
        "https://help.zapier.com/hc/en-us/articles/8496288690317",
    ),
    VendorKey(
        "OpenAI response",
        "resp_",
        rf"{_A}{{12,128}}",
        "https://platform.openai.com/docs/api-reference/responses",
        "sessions",
    ),
    VendorKey(
        "OpenAI thread",
        "thread_",
        rf"{_A}{{12,128}}",
        "https://platform.openai.com/docs/api-reference/threads",
        "sessions",
    ),
    VendorKey(
        "OpenAI conversation",
        "conv_",
        rf"{_A}{{12,128}}",
        "https://platform.openai.com/docs/api-reference/conversations",
        "sessions",
    ),
    VendorKey(
        "OpenAI run", "run_", rf"{_A}{{12,128}}", "https://platform.openai.com/docs/api-reference/runs", "sessions"
    ),
    VendorKey("AIPKit stream cache", "aipkit_sse_", rf"{_A}{{32}}", "recording 2.3.31/stream_ok", "sessions"),
    VendorKey(
        "CAS ticket",
        "ST-",
        r"[0-9]{1,8}-[A-Za-z0-9_.-]{16,256}",
        "https://apereo.github.io/cas/development/protocol/CAS-Protocol-Specification.html",
    ),
)
"""Longer prefixes come before shorter ones that begin alike."""


def _by_letter() -> dict[str, LazyPattern[str]]:
    """Join the kinds that begin with one letter into one pattern: a step finds the few that can fit."""
    found: dict[str, list[str]] = {}
    for number, kind in enumerate(KINDS):
        found.setdefault(kind.prefix[0], []).append(f"(?P<k{number}>{re.escape(kind.prefix)}{kind.rest})")
    return {letter: LazyPattern("|".join(kinds), re.ASCII) for letter, kinds in found.items()}


BY_LETTER: Final = _by_letter()
"""By first letter: matches any kind that begins so; the name of its last group is `k` and the kind's number."""
BEGINNINGS: Final = frozenset(kind.prefix[:3] for kind in KINDS)
"""The first three characters of every kind, two where the prefix has no more."""


def vendor_key_of(found: re.Match[str]) -> VendorKey:
    """Return the kind of key that *found*, a match in `BY_LETTER`, is one of."""
    return KINDS[int((found.lastgroup or "k0")[1:])]
