"""The tables of `secret_names`, without case and punctuation: what a name reveals about its value."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NONCES: Final = frozenset(
    _words("""
    csrf xsrf csrftoken xsrftoken authenticitytoken requestverificationtoken antiforgery csrfmiddlewaretoken
    viewstate javaxfacesviewstate eventvalidation viewstategenerator formbuildid
    """)
)
"""Whole names of one-time tokens."""
NONCE_ENDS: Final = _words("nonce csrf csrftoken xsrftoken antiforgerytoken")
"""Ends of names of one-time tokens."""
SESSIONS: Final = frozenset(
    _words("""
    sid sessid phpsessid jsessionid aspnetsessionid connectsid sessionid sessiontoken cachekey threadid chatid
    visitorid guestid interactionid cfid cftoken laravelsession openairesponseid previousopenairesponseid
    previousresponseid googleinteractionid ciession
    """)
)
"""Whole names of what identifies a session, a conversation or a visitor."""
SESSION_ENDS: Final = _words("""
    sessionid sessionuuid sessionkey sessiontoken sessid conversationid conversationuuid clientid interactionid
    """)
"""Ends of such names."""
ADDRESSES: Final = frozenset(
    _words("""
    ip userip clientip visitorip remoteaddr remoteip ipaddress ipaddr forwardedfor realip cfconnectingip
    trueclientip clientipaddress
    """)
)
"""Whole names of a visitor's address."""
CHALLENGE: Final = frozenset(
    _words("""
    cfbm cfuvid cfturnstileresponse grecaptcharesponse hcaptcharesponse acwtc acwscv2
    """)
)
"""Whole names of what a passed challenge or captcha gives."""
CHALLENGE_STARTS: Final = _words("""
    cfclearance cfchl cfduid datadome awswaftoken incapses visidincap akbmsc captchatoken recaptchatoken
    turnstiletoken
    """)
"""Beginnings of such names."""
AUTHORIZATION: Final = frozenset(_words("authorization proxyauthorization auth authheader"))
"""Whole names of headers and fields with a scheme and its credentials."""
SECRETS: Final = frozenset(
    _words("""
    pass userpass pw passcode otp otpcode totp totpcode mfacode twofactorcode pincode verificationcode securitycode
    confirmationcode recoverycode backupcode jwt bearer passwort codeverifier devicecode usercode authcode
    authorizationcode oauthverifier seedphrase pin samlresponse samlrequest wresult assertion clientassertion
    mnemonic secretphrase samlart credential credentials secrets amzcredential amzsignature amzsecuritytoken
    googcredential googsignature oauthsignature oauthtoken oauthtokensecret awsaccesskeyid keypairid accesskeyid
    sharedaccesssignature connectionstring idtokenhint logouttoken subjecttoken actortoken hubsignature
    hubsignature256 stripesignature slacksignature twiliosignature shopifyhmacsha256 secretanswer securityanswer
    firebaseappcheck psk grantcode magiclink motdepasse contrasena senha wachtwoord kennwort hdnts hdnea authkey
    webhooksignature githubtoken pat ocpapimsubscriptionkey subscriptionkey functionskey ssn
    """)
)
"""Whole names of passwords, keys, codes and signatures."""
_PASSWORD_ENDS: Final = _words("""
    password passwd passphrase pwd dbpass smtppass mysqlpass ftppass mailpass rootpass adminpass loginpass dbpw
    rootpw adminpw userpw passwordconfirmation passwordconfirm passwordrepeat passwordagain
    """)
"""Ends of names of passwords that both tables below have."""
SECRET_ENDS: Final = (
    *_PASSWORD_ENDS,
    *_words("""
    secret clientsecret apikey apitoken appkey authkey accesskey secretkey privatekey signingkey encryptionkey
    masterkey accountkey sharedkey accesskeyid licensekey servicekey storagekey hmackey sshkey deploykey
    subscriptionkey developerkey accesstoken refreshtoken idtoken authtoken bearertoken securitytoken resettoken
    devicetoken activationkey serialkey recoverykey consumerkey ephemeralkey instrumentationkey tlskey
    publishablekey presharedkey oidcdata sentrykey keydata jwtassertion secretproof totpseed otpseed backupcodes
    recoverycodes passwordhash pwdhash verifytoken logintoken usertoken apikeys secretkeybase webhookurl
    webhooksecret
    """),
)
"""Ends of names of passwords, keys and tokens."""
PASSWORD_ENDS: Final = (*_PASSWORD_ENDS, "userpass", "secretanswer", "securityanswer")
"""Ends of names of what a person has chosen: a value may be a word or a sentence."""
CHOSEN_BY_PERSONS: Final = _words("pass pw passwort motdepasse senha kennwort wachtwoord")
"""Whole names of passwords, beside `PASSWORD_ENDS`."""
ABOUT_PASSWORDS: Final = frozenset(
    _words("""
    enabled required min max length minlength maxlength label placeholder hint help strength policy algorithm algo
    error errors message rule rules title class
    """)
)
"""Fields of a password that describe it, beside `BENIGN`."""
PAYMENT: Final = frozenset(_words("cardnumber creditcard creditcardnumber ccnumber iban cvv cvc cvv2"))
"""Whole names of numbers of cards and accounts."""
PHONES: Final = frozenset(_words("phone phonenumber mobile mobilenumber telephone mobilephone cellphone"))
"""Whole names of telephone numbers."""
LIKELY: Final = {
    **dict.fromkeys(_words("signature sig hmac ticket verify magic key invite"), "keys"),
    **dict.fromkeys(_words("tokens code state relaystate policy sessionstate"), "keys"),
    **dict.fromkeys(_words("salt pepper invitecode codechallenge encryptioniv execution lt"), "keys"),
    **dict.fromkeys(_words("session sess samesession deviceid installationid anonymousid"), "sessions"),
    **dict.fromkeys(_words("distinctid browserid devicefingerprint browserfingerprint"), "sessions"),
    **dict.fromkeys(_words("captcha captcharesponse recaptcharesponse"), "challenge"),
    "security": "nonces",
}
"""Names that are secret only where the value looks like a token."""
FOREIGN_PASSWORDS: Final = frozenset(
    {"contraseña", "clave de acceso", "mot de passe", "пароль", "парола", "гасло", "密码", "密碼", "口令"}
    | {"パスワード", "비밀번호", "암호", "hasło", "lösenord", "şifre", "parolă", "mật khẩu", "كلمة المرور"}
    | {"كلمة السر", "סיסמה", "κωδικός πρόσβασης", "รหัสผ่าน", "पासवर्ड", "jelszó", "heslo", "salasana"}
    | {"adgangskode", "passord", "lozinka", "palavra-passe", "palavra passe"}
)
"""Names of passwords in other languages, but for those that are in the tables above."""
FOREIGN_KEYS: Final = frozenset(
    {"clé api", "clé d'api", "api-schlüssel", "api schlüssel", "zugangsschlüssel", "clave api"}
    | {"clave de api", "chave da api", "chave api", "chave de api", "chiave api", "api-sleutel"}
    | {"klucz api", "api-nyckel", "api anahtarı", "токен", "ключ api", "api-ключ", "api 密钥", "api密钥"}
    | {"密钥", "令牌", "api キー", "apiキー", "トークン", "api 키", "토큰", "jeton d'accès", "zugriffstoken", "мандат"}
    | {"مفتاح api", "מפתח api"}
)
"""Names of keys and tokens in other languages: their values look like tokens."""
HOLDERS: Final = frozenset(
    _words("""
    auth authentication credentials credential secrets oauth tokens apikeys cookies keys
    """)
)
"""Names of objects whose plain fields are secret as well."""
PLURALS: Final = {
    **dict.fromkeys(_words("tokens passwords secrets apikeys accesskeys secretkeys privatekeys"), "keys"),
    **dict.fromkeys(_words("nonces csrftokens xsrftokens"), "nonces"),
    **dict.fromkeys(_words("sessionids sessiontokens conversationids"), "sessions"),
}
"""The endings of the names of further such objects, and of lists; longer ones come later."""
VENDORS: Final = frozenset(
    _words("""
    openai azureopenai anthropic chatgpt openrouter groq xai mistral mistralai cohere deepseek gemini googleai
    huggingface replicate perplexity nvidia cerebras tavily firecrawl jina voyageai pinecone langsmith langfuse
    elevenlabs deepgram assemblyai serper serpapi stabilityai togetherai fireworksai aws azure gcp googlemaps gmaps
    googlecloud youtube github gitlab bitbucket slack discord telegram twilio sendgrid mailgun mailchimp brevo
    resend postmark stripe paypal braintree razorpay plaid shopify woocommerce facebook instagram hubspot asana
    trello jira atlassian airtable algolia cloudinary cloudflare digitalocean heroku netlify vercel supabase
    firebase planetscale tailscale sentry posthog mixpanel datadog newrelic grafana dynatrace pusher mapbox
    databricks snowflake auth0 okta recaptcha hcaptcha turnstile wandb
    """)
)
"""A `key` of one of these opens an account; words that mean something else as well are left out."""
OF_KEYS: Final = VENDORS | {"api"}
"""Names of objects whose `key` is secret."""
INNER: Final = frozenset(
    _words("""
    key value token secret raw plain hash code access refresh sig signature string id stringvalue s
    """)
)
"""Fields that hold the secret which the name of their object announces."""
BENIGN: Final = frozenset(
    _words("""
    type name scope expires expiresin tokentype kind provider method path domain url
    """)
)
"""Fields that describe the secret of the object in which they are."""
PUBLIC_TOKENS: Final = _words("""
    pagetoken continuationtoken maxtoken stoptoken eostoken bostoken padtoken unktoken masktoken septoken clstoken
    designtoken tokentype nexttoken synctoken
    """)
"""Ends of names of tokens that are no secret: places in a list, tokens of a model, design tokens."""
IN_QUERIES: Final = frozenset(_words("code state key sig policy relaystate sessionstate verify execution lt"))
"""Names that mean something else outside of URLs and forms."""
