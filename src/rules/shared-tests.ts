// Tests that several rules share: with a hundred rules for one host, the host is looked at once. What a test said of a
// subject is remembered until the next one comes.
import type { Verdict } from "../filter/subject.js";
import type { Requirement } from "./requirement.js";
import type { RuleSubject } from "./subject.js";

export interface SubjectTest {
  (subject: RuleSubject): Verdict;
  /** What a request must have for it to hold, each of them. */
  readonly requirements?: readonly Requirement[];
}

/** @param test which is left as it is */
export function requiring(test: SubjectTest, requirements: readonly Requirement[]): SubjectTest {
  return Object.assign((subject: RuleSubject) => test(subject), { requirements });
}

export class SharedTests {
  readonly #tests = new Map<string, SubjectTest>();

  /** @param key two tests of one key are the same test */
  share(key: string, make: () => SubjectTest): SubjectTest {
    let test = this.#tests.get(key);
    if (test === undefined) {
      test = remembered(make());
      this.#tests.set(key, test);
    }
    return test;
  }
}

/** By number, not by reference: a subject may hold a body. */
function remembered(test: SubjectTest): SubjectTest {
  let number = -1;
  let verdict: Verdict;
  const once = (subject: RuleSubject): Verdict => {
    if (subject.number === number) return verdict;
    verdict = test(subject);
    number = subject.number;
    return verdict;
  };
  return Object.assign(once, { requirements: requirementsOf([test]) });
}

function requirementsOf(tests: readonly SubjectTest[]): readonly Requirement[] {
  return tests.flatMap(({ requirements }) => requirements ?? []);
}

/** Kleene's `and`. Begins with the test that failed the last time: most rules fail for most requests at the same one. */
export function allHold(tests: readonly SubjectTest[]): SubjectTest {
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  let likely = 0;
  const all = (subject: RuleSubject): Verdict => {
    let verdict: Verdict = true;
    for (let i = 0, at = likely; i < tests.length; i++, at = at + 1 === tests.length ? 0 : at + 1) {
      const each = tests[at]!(subject);
      if (each === false) {
        likely = at;
        return false;
      }
      if (each === undefined) verdict = undefined;
    }
    return verdict;
  };
  return Object.assign(all, { requirements: requirementsOf(tests) });
}
