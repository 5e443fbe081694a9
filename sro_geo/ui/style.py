"""One calm look for every page: type, spacing, chips, cards. No colour stands alone."""

from sro_geo.cartography import palette

ACCENT = palette.ACCENT
INK = palette.INK
INK_SOFT = palette.INK_SOFT

CSS = f"""
<style>
.block-container {{ padding-top: 4.4rem !important; padding-bottom: 3rem; max-width: 1400px; }}
[data-testid="stVerticalBlock"] {{ gap: .8rem; }}
h1 {{ font-weight: 700 !important; letter-spacing: -0.01em; padding: 0 !important;
  font-size: 2.15rem !important; }}
h1::before {{ content: ""; display: block; width: 3.2rem; height: .28rem;
  background: {ACCENT}; margin-bottom: .5rem; }}
h2 {{ font-weight: 700 !important; }}
/* Streamlit's own grey of small print stays below a contrast of 4.5:1. */
[data-testid="stCaptionContainer"] {{ color: {INK_SOFT}; opacity: 1; }}
.sro-lead {{ font-size: 1.08rem; color: {INK_SOFT}; margin: 0; display: flex; flex-wrap: wrap;
  gap: .3rem 1rem; align-items: center; }}
.sro-sample {{ display: inline-block; font-size: .86rem; color: {INK}; background: #fdf1e7;
  border: 1px solid #e5b894; border-radius: 999px; padding: .12rem .7rem; }}
/* Heard, not seen; it takes no room. */
.sro-unseen {{ position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden;
  clip-path: inset(50%); }}
[data-testid="stElementContainer"]:has(> .stHtml > .sro-unseen) {{ position: absolute; }}
.sro-count {{ font-size: 1.15rem; font-weight: 700; margin: .1rem 0; }}
.sro-count span {{ font-weight: 400; color: {INK_SOFT}; }}
.sro-finding {{ font-size: 1.35rem; line-height: 1.35; font-weight: 600; margin: .2rem 0;
  max-width: 60rem; }}
.sro-small {{ font-size: 1.1rem !important; margin: 0 !important; padding: 0 !important; }}
.sro-card h2 {{ font-size: 1.45rem; line-height: 1.25; margin: .1rem 0 .3rem 0; padding: 0; }}
.sro-kind {{ color: {INK_SOFT}; display: flex; gap: .45rem; align-items: center; }}
.sro-chips {{ display: flex; flex-wrap: wrap; gap: .4rem; margin: .5rem 0; padding: 0 !important;
  list-style: none; }}
.sro-chips li {{ font-size: .86rem; background: #eef1f4; border-radius: 4px;
  padding: .1rem .55rem; margin: 0; color: {INK}; }}
.sro-chips li.warn {{ background: #fdf1e7; border: 1px solid #e5b894; }}
.sro-chips li.good {{ background: #e9f3ec; border: 1px solid #a9cfb4; }}
.sro-facts {{ display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem;
  margin: .6rem 0 .4rem 0 !important; padding: 0 !important; }}
.sro-facts dt {{ color: {INK_SOFT}; font-weight: 400; }}
.sro-facts dd {{ margin: 0 !important; color: {INK}; overflow-wrap: anywhere; }}
.sro-answer {{ border-left: .3rem solid {ACCENT}; padding: .2rem 0 .2rem 1.1rem; margin: .6rem 0; }}
.sro-answer .big {{ font-size: 1.7rem; font-weight: 700; line-height: 1.2; margin: 0; }}
.sro-answer p {{ margin: .15rem 0; }}
.st-key-start_cards [data-testid="stPageLink-NavLink"] p {{ font-size: 1.15rem; color: #134f80; }}
.st-key-start_cards [data-testid="stPageLink-NavLink"] {{ padding-left: 0; }}
.sro-figures {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr));
  gap: 1rem; margin: .4rem 0 .6rem 0; padding: 0 !important; list-style: none; }}
.sro-figures li {{ margin: 0; border-top: 2px solid {INK}; padding-top: .4rem; }}
.sro-figures strong {{ font-size: 1.8rem; display: block; line-height: 1.15;
  font-variant-numeric: tabular-nums; }}
.sro-figures span {{ color: {INK_SOFT}; }}
.sro-table {{ border-collapse: collapse; width: 100%; margin: .3rem 0 1rem 0; }}
.sro-table caption {{ text-align: left; color: {INK_SOFT}; padding-bottom: .3rem; }}
.sro-table th {{ text-align: left; font-weight: 600; border-bottom: 2px solid {INK};
  padding: .3rem .8rem .3rem 0; }}
.sro-table td {{ border-bottom: 1px solid #d5d9dd; padding: .3rem .8rem .3rem 0;
  vertical-align: top; }}
.sro-table td.num, .sro-table th.num {{ text-align: right; font-variant-numeric: tabular-nums; }}
.sro-table tbody th {{ font-weight: 600; border-bottom: 1px solid #d5d9dd; vertical-align: top; }}
.sro-matrix td {{ padding: .35rem .6rem; border: 1px solid #fff; font-size: .88rem;
  line-height: 1.25; }}
.sro-matrix th[scope=row] {{ border-bottom: 1px solid #d5d9dd; font-weight: 600; }}
.sro-last {{ font-size: 1.15rem; }}
.sro-plan tr.sro-area th {{ padding-top: .9rem; border-bottom: 1px solid {INK}; }}
.sro-plan tr.sro-area th span {{ font-weight: 400; color: {INK_SOFT}; }}
.sro-plan th[scope=row] {{ font-weight: 400; border-bottom: 1px solid #d5d9dd; }}
.sro-plan small {{ color: {INK_SOFT}; white-space: nowrap; }}
.sro-plan td.sro-changed {{ color: {ACCENT}; font-weight: 600; }}
.sro-plan td.num, .sro-plan th.num {{ padding-left: .2rem; padding-right: .3rem;
  white-space: nowrap; }}
.sro-plan {{ font-size: .93rem; }}
.sro-marks {{ display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; list-style: none; margin: .2rem 0;
  padding: 0 !important; }}
.sro-marks li {{ display: flex; gap: .5rem; align-items: center; margin: 0; }}
.sro-marks i {{ display: inline-block; width: 34px; }}
.sro-mark-moved {{ height: 18px; background: repeating-linear-gradient(45deg, {ACCENT} 0 2px,
  {palette.SPACES[0]} 2px 7px); }}
.sro-mark-old {{ border-top: 2px dashed {INK}; }}
.sro-mark-new {{ border-top: 3px solid {INK}; }}
.sro-scroll {{ overflow-x: auto; }}
.sro-foot {{ color: {INK_SOFT}; font-size: .88rem; border-top: 1px solid #d5d9dd;
  padding-top: .7rem; margin-top: 1.6rem; }}
.sro-history {{ margin: .2rem 0; padding-left: 1.1rem; }}
.sro-history li {{ margin: .15rem 0; }}
/* The committee's page needs the room for three columns. */
@media (min-width: 900px) {{
  .block-container:has(.st-key-committee) {{ padding-left: 2.5rem; padding-right: 2.5rem;
    max-width: 1560px; }}
}}
.sro-slide-note {{ border-left: .25rem solid #c5ccd3; padding-left: .8rem; margin: .2rem 0;
  color: {INK_SOFT}; }}
.sro-slide-table table {{ border-collapse: collapse; font-size: .88rem; width: 100%; }}
.sro-slide-table caption {{ text-align: left; font-weight: 600; padding: .3rem 0; }}
.sro-slide-table th, .sro-slide-table td {{ text-align: left; padding: .2rem .6rem .2rem 0;
  border-bottom: 1px solid #d5d9dd; vertical-align: top; }}
.sro-slide-table thead th {{ border-bottom: 2px solid {INK}; }}
.sro-slide-table tbody th {{ font-weight: 400; }}
.sro-slide-table .n {{ text-align: right; font-variant-numeric: tabular-nums; }}
.sro-slide-table .note {{ color: {INK_SOFT}; font-size: .82rem; }}
.st-key-committee_undo_line {{ background: #f4f3ef; border-radius: 6px; padding: .3rem .9rem; }}
.sro-words-head {{ display: flex; justify-content: space-between; align-items: baseline; }}
.sro-saved {{ color: #1d6b3a; font-size: .88rem; margin: 0; }}
@media (max-width: 640px) {{
  /* On a phone the answer stands above the map. */
  .st-key-where_columns [data-testid="stHorizontalBlock"],
  .st-key-offers_columns:has(.sro-card, .st-key-offer_form) > [data-testid="stLayoutWrapper"]
    > [data-testid="stHorizontalBlock"] {{ flex-direction: column-reverse; }}
  .block-container {{ padding-left: 1rem; padding-right: 1rem; padding-top: 3.6rem; }}
  h1 {{ font-size: 1.8rem !important; }}
  .sro-facts {{ grid-template-columns: 1fr; gap: 0; }}
  .sro-facts dt {{ font-size: .88rem; margin-top: .35rem; }}
}}
@media (prefers-reduced-motion: reduce) {{
  * {{ transition: none !important; animation: none !important; }}
}}
</style>
"""
