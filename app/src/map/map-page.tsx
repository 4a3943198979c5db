export function MapPage({ id }: { readonly id: string }) {
  return <main className="map-page">{id}</main>;
}
