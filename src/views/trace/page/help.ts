/** The list of all keys, behind `?` and a button. */
import { byId } from './elements.ts';

/** Sets the help up; the dialog itself closes by Escape and gives the focus back. */
export function startHelp(): void {
  const help = byId<HTMLDialogElement>('help');
  const open = (): void => {
    if (!help.open) help.showModal();
  };
  byId('open-help').addEventListener('click', open);
  byId('close-help').addEventListener('click', () => help.close());
  // A click beside the dialog is one on its backdrop.
  help.addEventListener('click', (event) => {
    if (event.target === help) help.close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '?' || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    open();
  });
}
