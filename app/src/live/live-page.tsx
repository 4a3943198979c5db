export function LivePage({ id }: { readonly id: string }) {
  return <main className="live-page">{id}</main>;
}
