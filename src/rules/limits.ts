// The bounds of the rules room.

/** 10 MB: the longest body that is held for a rule. A longer one streams by; what needs it does not act. */
export const BODY_LIMIT = 10_000_000;
/** 1 MB: the largest rule file. */
export const RULE_FILE_LIMIT = 1_000_000;
/** 64 MB: the largest file that is held as the body of an answer. */
export const BODY_FILE_LIMIT = 64_000_000;
/** The most rules in one file. */
export const MOST_RULES = 10_000;
