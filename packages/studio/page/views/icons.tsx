const paths = {
  locked: 'M7 11V8a5 5 0 0 1 10 0v3M5 11h14v10H5z',
  open: 'M7 11V8a5 5 0 0 1 9.6-2M5 11h14v10H5z',
  dice: 'M4 4h16v16H4zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01',
} as const;

/** A drawing in place of a word; whoever uses it names it. */
export function Icon({ name }: { readonly name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
