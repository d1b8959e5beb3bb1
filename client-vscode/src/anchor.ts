/** Places in a text, as offsets in UTF-16 units, that move with what is typed around them. */

/** A part of a text that something else takes the place of. */
export interface Edit {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

/** From where to where. */
export type Stretch = readonly [start: number, end: number];

/** The stretch after an edit; what is typed inside belongs to it, and what is typed right before it does not. */
export function moved([start, end]: Stretch, edit: Edit): Stretch {
  const after = edit.rangeOffset + edit.text.length;
  return [movedPlace(start, edit, edit.rangeOffset), Math.max(movedPlace(end, edit, after), movedPlace(start, edit, edit.rangeOffset))];
}

/** `inside` is where a place goes that is itself overwritten. */
function movedPlace(place: number, { rangeOffset, rangeLength, text }: Edit, inside: number): number {
  if (rangeOffset + rangeLength <= place) return place + text.length - rangeLength;
  return rangeOffset < place ? inside : place;
}
