/** A drawing of the product for those who see it: one document, two people in it at once. */
export function Preview() {
  return (
    <div className="preview" aria-hidden="true">
      <div className="preview-bar">
        <strong>weekend-in-bergen</strong>
        <span className="avatar small" data-hue={1}>
          AN
        </span>
        <span className="avatar small" data-hue={0}>
          BE
        </span>
      </div>
      <dl>
        <dt>title</dt>
        <dd>Weekend in Bergen</dd>
        <dt>from</dt>
        <dd>11 December</dd>
        <dt>packing</dt>
        <dd className="preview-edited" data-hue={1}>
          rain jackets, camera
          <i />
          <b>Ana</b>
        </dd>
        <dt>budget</dt>
        <dd>NOK 3,200</dd>
        <dt>notes</dt>
        <dd className="preview-edited" data-hue={0}>
          Fløyen first if it is clear
          <i />
          <b>Ben</b>
        </dd>
      </dl>
    </div>
  );
}
