// The words by which a name is judged (names.ts). Data only; docs/redaction.md shows these lists.

const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** A name that ends in one of these holds a secret. */
export const SECRET_WORDS = list(`
  password passwords passwd passwort pwd pass passphrase passcode contrasena motdepasse senha
  secret secrets token tokens jwt credential credentials creds authorization bearer authentication apikey apikeys
  otp totp pin cvv cvv2 cvc csc ssn signature sig hmac csrf xsrf csrftoken sessid assertion cookie cookies
  mnemonic seedphrase webhook connectionstring connstr dsn sas
`);

/** Written as one word: a name whose last word ends in one of these holds a secret. */
export const SECRET_ENDINGS = list(`
  password passwd passphrase passcode pwd secret apikey accesskey privatekey secretkey masterkey authkey accountkey
  sessionkey signingkey encryptionkey sessionid sessid token credential credentials authorization authcode otpcode
  cardnumber verificationcode
`);

/** Words that end so and mean something else. */
export const NOT_SECRET_ENDINGS = list(
  "nexttoken pagetoken nextpagetoken continuationtoken synctoken hasapikey",
);

/** Whole names, written without separators, that the rules below would miss or get wrong. */
export const SECRET_NAMES = list(`
  accesskeyid awsaccesskeyid xamzcredential xgoogcredential samlresponse samlart codeverifier secretid roleid
  sessionid sessid xauth xsession subscriptionkey authsession devicecode usercode authcode connectsid
  cardnumber ccnumber creditcardnumber creditcard cardcvc securitycode sshkey pgpkey clientassertion
  magiclink recoveryphrase seedphrase mfacode twofactorcode xamzsecuritytoken privatekeydata sessionstorage
  authenticitytoken requestverificationtoken viewstate passhash apitoken oauthverifier
`);

/** Whole names, written without separators, that look like secrets and are none. */
export const NOT_SECRET_NAMES = list(`
  secwebsocketkey secwebsocketaccept authority wwwauthenticate proxyauthenticate signatureinput publickeypins
  csrfprotection cookiepolicy cookieconsent cookiedomain contentsecuritypolicy setcookies acceptsignature
  publicapikey publishableapikey clienttoken idempotencytoken xauthrequest compass
`);

/** `key` after one of these is a secret. */
export const SECRET_KEY_OF = list(`
  api access secret private encryption signing auth master account shared service client license licence app application
  consumer subscription functions function deploy ssh session webhook admin crypto hmac aes rsa decryption developer dev
  server rest maps user team personal integration storage project write read ingest ingestion instrumentation host code
  openai anthropic stripe google aws azure github gitlab sendgrid twilio mailgun datadog newrelic sentry segment algolia
  mapbox firebase supabase auth0 okta recovery wallet registration activation product x
`);

/** `key` after one of these is none. */
export const PLAIN_KEY_OF = list(`
  public primary foreign partition sort cache routing row site publishable idempotency surrogate request websocket
  translation i18n lookup group index hash map object item event query storage_object column sorting composite unique
  natural parent child message label menu hot arrow shortcut metric feature flag state config setting issue
`);

/** `code` after one of these is a secret. */
export const SECRET_CODE_OF = list(`
  auth authorization authorisation verification verify otp sms mfa tfa 2fa device user security recovery backup pass
  confirmation activation login totp access pin oauth reset magic one-time onetime invite invitation passwordless
`);

/** A name that begins with one of these tells whether, not what. */
export const QUESTION_WORDS = list(
  "is has have had needs need requires require required show hide forgot forget forgotten no not enable enabled disable disabled allow allowed can should must supports missing invalid use uses",
);

/** A name that ends in one of these is about a secret and holds none. */
export const ABOUT_WORDS = list(`
  type types url urls uri uris endpoint endpoints expires expired expiry expiration expire in at on length size count counts
  name names id ids status state policy policies hint label placeholder title text message messages error errors method
  methods mode algorithm alg algorithms version format field fields header headers ttl timeout age date time timestamp
  enabled disabled required valid invalid validity strength scope scopes issuer audience provider prefix suffix index usage
  usages limit limits budget path file filename location domain host server icon image description help link page rule rules
  min max attempts retries changed updated created rotated set exists present class style color kind source level user
  username email owner info details result results option options config settings request requests response schema
  pattern regex manager service store storage handler generator helper util utils lifetime duration interval window
  per position offset start end rate price cost logprobs ids left remaining used share consent banner
`);

/** Counted in the traffic of language models: `max_tokens`, `prompt_tokens`. */
export const COUNTED_TOKENS_OF = list(`
  max min total prompt completion input output cached cache reasoning num number used remaining limit audio text image
  accepted rejected prediction creation read thinking billed new stop special eos bos pad sep cls mask unk added
`);

/** Before `token`: a place in a list, or a word of a text, not a credential. */
export const PLACE_TOKEN_OF = list(
  "page next continuation continue sync resume pagination paging cursor previous prev change delta start sentence word lexical stop mask special pad eos bos unk cls sep",
);

/** Said of the value after the word that matters: `password_confirmation`, `tokenValue`. */
export const NEUTRAL_WORDS = list(`
  value values data string str hash hashed raw new old confirm confirmation confirmed repeat repeated again current plain
  plaintext encrypted b64 base64 hex digest salt verifier content body input primary secondary default prod production
  staging test live sha256 sha1 sha512 md5 first second one two
`);

/** Alone, these hold a secret in a query, form, header or cookie; elsewhere only when the value looks like one. */
export const MAYBE_WORDS = list(
  "key code session auth sid ticket verifier challenge hash access refresh sess nonce oauth",
);
