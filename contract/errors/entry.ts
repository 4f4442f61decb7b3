/** What is known about a code. `message` is for an operator, `hint` says what would be right. */
export interface ErrorEntry {
  readonly message: string;
  readonly hint: string;
  /** Trying the same again later may succeed. */
  readonly retryable: boolean;
}
