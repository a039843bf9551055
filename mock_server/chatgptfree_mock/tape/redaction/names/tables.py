"""The tables of `secret_names`, without case and punctuation: what a name reveals about its value."""

from __future__ import annotations

from typing import Final

NONCES: Final = frozenset(
    {"csrf", "xsrf", "csrftoken", "xsrftoken", "authenticitytoken", "requestverificationtoken", "antiforgery"}
    | {
        "csrfmiddlewaretoken",
        "viewstate",
        "javaxfacesviewstate",
        "eventvalidation",
        "viewstategenerator",
        "formbuildid",
    }
)
NONCE_ENDS: Final = ("nonce", "csrf", "csrftoken", "xsrftoken", "antiforgerytoken")
SESSIONS: Final = frozenset(
    {"sid", "sessid", "phpsessid", "jsessionid", "aspnetsessionid", "connectsid", "sessionid", "sessiontoken"}
    | {"cachekey", "threadid", "chatid", "visitorid", "guestid", "interactionid", "cfid", "cftoken", "laravelsession"}
    | {"openairesponseid", "previousopenairesponseid", "previousresponseid", "googleinteractionid", "ciession"}
)
SESSION_ENDS: Final = (
    *("sessionid", "sessionuuid", "sessionkey", "sessiontoken", "sessid"),
    *("conversationid", "conversationuuid", "clientid", "interactionid"),
)
ADDRESSES: Final = frozenset(
    {"ip", "userip", "clientip", "visitorip", "remoteaddr", "remoteip", "ipaddress", "ipaddr", "forwardedfor"}
    | {"realip", "cfconnectingip", "trueclientip", "clientipaddress"}
)
CHALLENGE: Final = frozenset(
    {"cfbm", "cfuvid", "cfturnstileresponse", "grecaptcharesponse", "hcaptcharesponse", "acwtc", "acwscv2"}
)
CHALLENGE_STARTS: Final = (
    *("cfclearance", "cfchl", "cfduid", "datadome", "awswaftoken", "incapses"),
    *("visidincap", "akbmsc", "captchatoken", "recaptchatoken", "turnstiletoken"),
)
AUTHORIZATION: Final = frozenset({"authorization", "proxyauthorization", "auth", "authheader"})
SECRETS: Final = frozenset(
    {"pass", "userpass", "pw", "passcode", "otp", "otpcode", "totp", "totpcode", "mfacode", "twofactorcode", "pincode"}
    | {
        "verificationcode",
        "securitycode",
        "confirmationcode",
        "recoverycode",
        "backupcode",
        "jwt",
        "bearer",
        "passwort",
    }
    | {"codeverifier", "devicecode", "usercode", "authcode", "authorizationcode", "oauthverifier", "seedphrase", "pin"}
    | {"samlresponse", "samlrequest", "wresult", "assertion", "clientassertion", "mnemonic", "secretphrase", "samlart"}
    | {"credential", "credentials", "secrets", "amzcredential", "amzsignature", "amzsecuritytoken", "googcredential"}
    | {
        "googsignature",
        "oauthsignature",
        "oauthtoken",
        "oauthtokensecret",
        "awsaccesskeyid",
        "keypairid",
        "accesskeyid",
    }
    | {"sharedaccesssignature", "connectionstring", "idtokenhint", "logouttoken", "subjecttoken", "actortoken"}
    | {"hubsignature", "hubsignature256", "stripesignature", "slacksignature", "twiliosignature", "shopifyhmacsha256"}
    | {"secretanswer", "securityanswer", "firebaseappcheck", "psk", "grantcode"}
    | {"magiclink", "motdepasse", "contrasena", "senha", "wachtwoord", "kennwort", "hdnts", "hdnea", "authkey"}
    | {"webhooksignature", "githubtoken", "pat", "ocpapimsubscriptionkey", "subscriptionkey", "functionskey", "ssn"}
)
SECRET_ENDS: Final = (
    *("password", "passwd", "passphrase", "pwd", "secret", "clientsecret", "apikey", "apitoken", "appkey", "authkey"),
    *("accesskey", "secretkey", "privatekey", "signingkey", "encryptionkey", "masterkey", "accountkey", "sharedkey"),
    *("accesskeyid", "licensekey", "servicekey", "storagekey", "hmackey", "sshkey", "deploykey", "subscriptionkey"),
    *(
        "developerkey",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "bearertoken",
        "securitytoken",
        "resettoken",
        "devicetoken",
    ),
    *("activationkey", "serialkey", "recoverykey", "consumerkey", "ephemeralkey", "instrumentationkey", "tlskey"),
    *(
        "publishablekey",
        "presharedkey",
        "oidcdata",
        "sentrykey",
        "keydata",
        "jwtassertion",
        "secretproof",
        "totpseed",
        "otpseed",
    ),
    *("backupcodes", "recoverycodes", "passwordhash", "pwdhash", "passwordconfirmation", "passwordconfirm"),
    *("passwordrepeat", "passwordagain", "dbpass", "smtppass", "mysqlpass", "ftppass", "mailpass", "rootpass"),
    *("adminpass", "loginpass", "dbpw", "rootpw", "adminpw", "userpw"),
    *("verifytoken", "logintoken", "usertoken", "apikeys", "secretkeybase", "webhookurl", "webhooksecret"),
)
PASSWORD_ENDS: Final = (
    *("password", "passwd", "passphrase", "pwd", "dbpass", "smtppass", "mysqlpass", "ftppass", "mailpass", "rootpass"),
    *("adminpass", "loginpass", "userpass", "dbpw", "rootpw", "adminpw", "userpw", "passwordconfirmation"),
    *("passwordconfirm", "passwordrepeat", "passwordagain", "secretanswer", "securityanswer"),
)
CHOSEN_BY_PERSONS: Final = ("pass", "pw", "passwort", "motdepasse", "senha", "kennwort", "wachtwoord")
ABOUT_PASSWORDS: Final = frozenset(
    {"enabled", "required", "min", "max", "length", "minlength", "maxlength", "label", "placeholder", "hint", "help"}
    | {"strength", "policy", "algorithm", "algo", "error", "errors", "message", "rule", "rules", "title", "class"}
)
"""Fields of a password that describe it, beside `BENIGN`."""
PAYMENT: Final = frozenset({"cardnumber", "creditcard", "creditcardnumber", "ccnumber", "iban", "cvv", "cvc", "cvv2"})
PHONES: Final = frozenset({"phone", "phonenumber", "mobile", "mobilenumber", "telephone", "mobilephone", "cellphone"})
LIKELY: Final = {
    **dict.fromkeys(("signature", "sig", "hmac", "ticket", "verify", "magic", "key", "invite"), "keys"),
    **dict.fromkeys(("tokens", "code", "state", "relaystate", "policy", "sessionstate"), "keys"),
    **dict.fromkeys(("salt", "pepper", "invitecode", "codechallenge", "encryptioniv", "execution", "lt"), "keys"),
    **dict.fromkeys(("session", "sess", "samesession", "deviceid", "installationid", "anonymousid"), "sessions"),
    **dict.fromkeys(("distinctid", "browserid", "devicefingerprint", "browserfingerprint"), "sessions"),
    **dict.fromkeys(("captcha", "captcharesponse", "recaptcharesponse"), "challenge"),
    "security": "nonces",
}
"""Names that are secret only where the value looks like a token."""
FOREIGN_PASSWORDS: Final = frozenset(
    {"contraseña", "clave de acceso", "mot de passe", "пароль", "парола", "гасло", "密码", "密碼", "口令", "パスワード"}
    | {"비밀번호", "암호", "hasło", "lösenord", "şifre", "parolă", "mật khẩu", "كلمة المرور", "كلمة السر", "סיסמה"}
    | {"κωδικός πρόσβασης", "รหัสผ่าน", "पासवर्ड", "jelszó", "heslo", "salasana", "adgangskode", "passord", "lozinka"}
    | {"palavra-passe", "palavra passe"}
)
"""Names of passwords in other languages, but for those that are in the tables above."""
FOREIGN_KEYS: Final = frozenset(
    {"clé api", "clé d'api", "api-schlüssel", "api schlüssel", "zugangsschlüssel", "clave api", "clave de api"}
    | {
        "chave da api",
        "chave api",
        "chave de api",
        "chiave api",
        "api-sleutel",
        "klucz api",
        "api-nyckel",
        "api anahtarı",
    }
    | {
        "токен",
        "ключ api",
        "api-ключ",
        "api 密钥",
        "api密钥",
        "密钥",
        "令牌",
        "api キー",
        "apiキー",
        "トークン",
        "api 키",
        "토큰",
    }
    | {"jeton d'accès", "zugriffstoken", "мандат", "مفتاح api", "מפתח api"}
)
"""Names of keys and tokens in other languages: their values look like tokens."""
HOLDERS: Final = frozenset(
    {"auth", "authentication", "credentials", "credential", "secrets", "oauth", "tokens", "apikeys", "cookies", "keys"}
)
"""Names of objects whose plain fields are secret as well."""
PLURALS: Final = {
    **dict.fromkeys(("tokens", "passwords", "secrets", "apikeys", "accesskeys", "secretkeys", "privatekeys"), "keys"),
    **dict.fromkeys(("nonces", "csrftokens", "xsrftokens"), "nonces"),
    **dict.fromkeys(("sessionids", "sessiontokens", "conversationids"), "sessions"),
}
"""The endings of the names of further such objects, and of lists; longer ones come later."""
VENDORS: Final = frozenset(
    {"openai", "azureopenai", "anthropic", "chatgpt", "openrouter", "groq", "xai", "mistral", "mistralai", "cohere"}
    | {"deepseek", "gemini", "googleai", "huggingface", "replicate", "perplexity", "nvidia", "cerebras", "tavily"}
    | {"firecrawl", "jina", "voyageai", "pinecone", "langsmith", "langfuse", "elevenlabs", "deepgram", "assemblyai"}
    | {"serper", "serpapi", "stabilityai", "togetherai", "fireworksai", "aws", "azure", "gcp", "googlemaps", "gmaps"}
    | {"googlecloud", "youtube", "github", "gitlab", "bitbucket", "slack", "discord", "telegram", "twilio", "sendgrid"}
    | {"mailgun", "mailchimp", "brevo", "resend", "postmark", "stripe", "paypal", "braintree", "razorpay", "plaid"}
    | {"shopify", "woocommerce", "facebook", "instagram", "hubspot", "asana", "trello", "jira", "atlassian", "airtable"}
    | {"algolia", "cloudinary", "cloudflare", "digitalocean", "heroku", "netlify", "vercel", "supabase", "firebase"}
    | {"planetscale", "tailscale", "sentry", "posthog", "mixpanel", "datadog", "newrelic", "grafana", "dynatrace"}
    | {"pusher", "mapbox", "databricks", "snowflake", "auth0", "okta", "recaptcha", "hcaptcha", "turnstile", "wandb"}
)
"""A `key` of one of these opens an account; words that mean something else as well are left out."""
OF_KEYS: Final = VENDORS | {"api"}
"""Names of objects whose `key` is secret."""
INNER: Final = frozenset(
    {"key", "value", "token", "secret", "raw", "plain", "hash", "code", "access", "refresh", "sig", "signature"}
    | {"string", "id", "stringvalue", "s"}
)
"""Fields that hold the secret which the name of their object announces."""
BENIGN: Final = frozenset(
    {
        "type",
        "name",
        "scope",
        "expires",
        "expiresin",
        "tokentype",
        "kind",
        "provider",
        "method",
        "path",
        "domain",
        "url",
    }
)
"""Fields that describe it."""
PUBLIC_TOKENS: Final = (
    *("pagetoken", "continuationtoken", "maxtoken", "stoptoken", "eostoken", "bostoken", "padtoken", "unktoken"),
    *("masktoken", "septoken", "clstoken", "designtoken", "tokentype", "nexttoken", "synctoken"),
)
IN_QUERIES: Final = frozenset(
    {"code", "state", "key", "sig", "policy", "relaystate", "sessionstate", "verify", "execution", "lt"}
)
"""Names that mean something else outside of URLs and forms."""
