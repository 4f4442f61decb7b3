import { useConsole } from './console-context.ts';

/** Why the last thing asked for did not happen. */
export function TroubleBar() {
  const { state, words, dispatch } = useConsole();
  if (state.trouble === null) return null;
  const { kind, code, detail } = state.trouble;
  return (
    <div class="trouble" role="alert">
      <p>
        {words.t(`trouble.${kind}`)}
        {code !== null && <small> {code}</small>}
        {kind !== 'conflict' && detail !== null && <small> {detail}</small>}
      </p>
      <button type="button" onClick={() => dispatch({ type: 'trouble-closed' })}>
        {words.t('trouble.close')}
      </button>
    </div>
  );
}
