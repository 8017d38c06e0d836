"""Standard sources come in whole or not at all, and a broken file is named to the line."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from knowledge import intake
from knowledge.imports import records
from knowledge.model import KnowledgeError
from knowledge.store import Store

MEDQUAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="0000042" source="NIDDK" url="https://example.org/gout">
<Focus>Gout</Focus>
<FocusAnnotations><Synonyms><Synonym>Podagra</Synonym></Synonyms></FocusAnnotations>
<QAPairs>
  <QAPair pid="1">
    <Question qid="0000042-1" qtype="information">What is (are) Gout ?</Question>
    <Answer>Gout is a kind of arthritis. Crystals &lt; 5 micrometres form.</Answer>
  </QAPair>
  <QAPair pid="2">
    <Question qid="0000042-2" qtype="treatment">What are the treatments for Gout ?</Question>
    <Answer></Answer>
  </QAPair>
</QAPairs>
</Document>
"""
MEDLINEPLUS = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE health-topics SYSTEM "https://example.org/mplus.dtd">
<health-topics total="1">
  <health-topic title="Gout" url="https://example.org/gout" id="77" language="English">
    <also-called>Podagra</also-called>
    <full-summary>&lt;p&gt;Gout is &lt;em&gt;painful&lt;/em&gt;.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Toes
 first&lt;/li&gt;&lt;/ul&gt;</full-summary>
    <group url="x" id="4">Bones, Joints and Muscles</group>
    <related-topic url="y" id="78">Arthritis</related-topic>
  </health-topic>
</health-topics>
"""
PUBMED = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://example.org/p.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">11</PMID>
<Article><Journal><JournalIssue><PubDate><MedlineDate>1999 Jan-Feb</MedlineDate></PubDate>
</JournalIssue><Title>Joints</Title></Journal>
<ArticleTitle>Colchicine in <i>acute</i> gout.</ArticleTitle>
<Abstract><AbstractText Label="METHODS">Forty people.</AbstractText>
<AbstractText Label="RESULTS">Pain fell.</AbstractText></Abstract>
<AuthorList><Author><LastName>Li</LastName><Initials>W</Initials></Author></AuthorList>
</Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID Version="1">12</PMID>
<Article><ArticleTitle>Withdrawn.</ArticleTitle></Article></MedlineCitation></PubmedArticle>
<DeleteCitation><PMID Version="1">12</PMID></DeleteCitation>
</PubmedArticleSet>
"""
OBO = r"""format-version: 1.2
! a comment

[Term]
id: HP:0001997
name: Gout
def: "Recurrent arthritis with \"urate\" crystals." [HPO:probinson]
synonym: "Gouty arthritis" EXACT []
xref: UMLS:C0018099
is_a: HP:0001369 ! Arthritis

[Term]
id: HP:0000002
name: old
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""
CONSO = (
    "161|ENG|P|L1|PF|S1|Y|9001||161||RXNORM|IN|161|acetaminophen||N|4096|\n"
    "161|ENG|P|L1|PF|S1|Y|9002||161||MMSL|IN|161|APAP||N|4096|\n"
    "162|ENG|P|L1|PF|S1|Y|9003||162||RXNORM|BN|162|Old name||O|4096|\n"
    "163|ENG|P|L1|PF|S1|Y|9004||163||RXNORM|BN|163|Tylenol||N|4096|\n"
)
REL = "161||CUI|RO|163||CUI|tradename_of|1||RXNORM|RXNORM||||4096|\n"
NODES = (
    "id\tname\tkind\nDisease::DOID:13189\tgout\tDisease\nCompound::DB01394\tColchicine\tCompound\n"
)
EDGES = "source\tmetaedge\ttarget\nCompound::DB01394\tCtD\tDisease::DOID:13189\n"
HETIONET = {
    "nodes": [
        {"kind": "Disease", "identifier": "DOID:13189", "name": "gout", "data": {}},
        {"kind": "Compound", "identifier": "DB01394", "name": "Colchicine", "data": {}},
    ],
    "edges": [
        {
            "source_id": ["Compound", "DB01394"],
            "target_id": ["Disease", "DOID:13189"],
            "kind": "treats",
            "direction": "both",
        }
    ],
}


def now() -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "data" / "knowledge.db")
    yield opened
    opened.close()


def put(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def bring(store: Store, format_: str, path: Path) -> intake.Imported:
    return intake.run(store, format_, path, now=now)


def found(store: Store) -> dict[str, str]:
    return {one.id: f"{one.title}|{one.text}" for one in store.passages()}


def test_medquad_answers_come_in_and_unanswered_questions_do_not(
    store: Store, tmp_path: Path
) -> None:
    put(tmp_path, "medquad/5_NIDDK/0000042.xml", MEDQUAD)
    assert bring(store, "medquad", tmp_path / "medquad").counts.records == 1
    text = "Gout is a kind of arthritis. Crystals < 5 micrometres form."
    assert found(store) == {"medquad/0000042-1": f"What is (are) Gout ?|{text}"}


def test_a_medlineplus_topic_loses_its_marks_and_keeps_its_links(
    store: Store, tmp_path: Path
) -> None:
    done = bring(store, "medlineplus", put(tmp_path, "topics.xml", MEDLINEPLUS))
    assert done.counts.links == 1
    assert found(store) == {"medlineplus/77": "Gout|Gout is painful.\nToes first"}


def test_a_pubmed_citation_comes_in_from_a_packed_file_and_a_withdrawn_one_goes(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "pubmed24n0001.xml.gz"
    file.write_bytes(gzip.compress(PUBMED.encode()))
    assert bring(store, "pubmed", file).counts.records == 1
    assert found(store) == {
        "pubmed/11": "Colchicine in acute gout.|Methods: Forty people.\nResults: Pain fell."
    }


def test_an_ontology_gives_terms_names_and_what_is_a_kind_of_what(
    store: Store, tmp_path: Path
) -> None:
    done = bring(store, "obo", put(tmp_path, "hp.obo", OBO))
    assert (done.counts.records, done.counts.links) == (1, 1)
    assert found(store)["obo/HP:0001997"] == r'Gout|Recurrent arthritis with "urate" crystals.'


def test_rxnorm_keeps_its_own_names_and_named_relations(store: Store, tmp_path: Path) -> None:
    put(tmp_path, "rrf/RXNCONSO.RRF", CONSO)
    put(tmp_path, "rrf/RXNREL.RRF", REL)
    done = bring(store, "rxnorm", tmp_path / "rrf")
    assert (done.counts.records, done.counts.links) == (2, 1)


@pytest.mark.parametrize("shape", ["json", "packed", "tables"])
def test_hetionet_comes_in_as_json_or_as_tables(store: Store, tmp_path: Path, shape: str) -> None:
    folder = tmp_path / "hetionet"
    if shape == "tables":
        put(folder, "nodes.tsv", NODES)
        put(folder, "edges.sif", EDGES)
    elif shape == "json":
        put(folder, "hetionet.json", json.dumps(HETIONET, indent=2))
    else:
        folder.mkdir()
        (folder / "hetionet.json.bz2").write_bytes(bz2.compress(json.dumps(HETIONET).encode()))
    done = bring(store, "hetionet", folder)
    assert (done.counts.records, done.counts.links) == (2, 1)


@pytest.mark.parametrize(
    ("format_", "name", "text", "said"),
    [
        ("medquad", "a.xml", MEDQUAD.replace("<Focus>Gout</Focus>", ""), "line 2, record 0000042"),
        ("medquad", "a.xml", MEDQUAD.replace(' id="0000042"', ""), "line 2, record Gout: the Doc"),
        ("medquad", "a.xml", MEDQUAD.replace("</QAPairs>", ""),
         "line 15, record Document 1 (0000042): this is not XML"),
        ("medlineplus", "a.xml", MEDLINEPLUS.replace(" id=\"77\"", ""), "line 4, record Gout: the"),
        ("medlineplus", "a.xml", MEDLINEPLUS.replace("</health-topics>", "<x"),
         "line 11, record after health-topic 1 (77): this is not XML"),
        ("pubmed", "a.xml", PUBMED.replace("<PMID Version=\"1\">11</PMID>", ""),
         "line 4, record Colchicine in acute gout.: the Pub"),
        ("pubmed", "a.xml", PUBMED[:PUBMED.index("Withdrawn")], "record PubmedArticle 2: this is"),
        ("obo", "a.obo", OBO.replace("id: HP:0001997\n", ""), "line 4, record Gout: the [Term]"),
        ("obo", "a.obo", OBO.replace("name: Gout\n", ""), "line 4, record HP:0001997"),
        ("obo", "a.obo", OBO.replace("name: Gout", "name Gout"), "line 6, record HP:0001997"),
        ("rxnorm", "RXNCONSO.RRF", CONSO + "164|ENG|P\n", "line 5, record 164"),
        ("hetionet", "nodes.tsv", NODES + "x\ty\n", "line 4, record x"),
        ("hetionet", "a.json", json.dumps(HETIONET)[:-30], "record edge 1"),
        ("hetionet", "a.json", '{"nodes": [{"kind": "X"}], "edges": []}', "record node 1"),
    ],
)  # fmt: skip
def test_a_broken_file_names_line_and_record_and_keeps_what_was_there(
    store: Store, tmp_path: Path, format_: str, name: str, text: str, said: str
) -> None:
    good = {
        "medquad": MEDQUAD, "medlineplus": MEDLINEPLUS, "pubmed": PUBMED, "obo": OBO,
        "rxnorm": CONSO, "hetionet": NODES,
    }[format_]  # fmt: skip
    first = name.replace("a.json", "nodes.tsv")
    before = bring(store, format_, put(tmp_path, f"good/{first}", good)).counts
    kept = found(store)
    with pytest.raises(KnowledgeError) as problem:
        bring(store, format_, put(tmp_path, f"bad/{name}", text))
    assert said in str(problem.value)
    assert name in str(problem.value)
    [state] = store.states()
    assert store.counts(state) == before
    assert not state.coming  # nothing of the broken file waits for more
    assert found(store) == kept


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY a "aaaa">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "https://example.org/evil.dtd">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_of_the_files_own_is_refused(
    store: Store, tmp_path: Path, entity: str, encoding: str
) -> None:
    text = MEDQUAD.replace(
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE Document [{entity}]>',
    )
    file = tmp_path / "a.xml"
    file.write_bytes(text.encode(encoding))
    with pytest.raises(KnowledgeError, match="declares an entity"):
        bring(store, "medquad", file)


def many(folder: Path, ids: range) -> None:
    for number in ids:
        text = MEDQUAD.replace("0000042", f"{number:07d}")
        put(folder, f"{number:07d}.xml", text)


def test_a_source_whose_only_file_is_broken_leaves_nothing_behind(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(KnowledgeError):
        bring(store, "obo", put(tmp_path, "a.obo", OBO.replace("name: Gout", "name Gout")))
    assert store.states() == []


def test_an_import_is_stopped_by_another_of_the_same_source_and_spoils_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_AT_ONCE", 3)
    many(tmp_path / "old", range(10))
    many(tmp_path / "new", range(4))
    begun = False

    def other(_: int) -> None:
        nonlocal begun
        if not begun and any(one.done for one in store.states()):
            begun = True
            bring(store, "medquad", tmp_path / "new")

    with pytest.raises(KnowledgeError, match="another import of medquad"):
        intake.run(store, "medquad", tmp_path / "old", now=now, told=other)
    assert set(found(store)) == {f"medquad/{n:07d}-1" for n in range(4)}


def test_an_import_that_was_stopped_goes_on_where_it_was(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_AT_ONCE", 3)
    many(tmp_path / "all", range(10))
    seen = 0

    def stop(count: int) -> None:
        nonlocal seen
        seen += count
        if seen > 8 * len(MEDQUAD):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.run(store, "medquad", tmp_path / "all", now=now, told=stop)
    assert found(store) == {}  # nothing is in use before all is read
    done = bring(store, "medquad", tmp_path / "all")
    assert done.resumed == 6
    assert done.counts.records == 10


def test_what_a_new_version_lacks_is_retired_and_found_no_more(
    store: Store, tmp_path: Path
) -> None:
    many(tmp_path / "old", range(5))
    bring(store, "medquad", tmp_path / "old")
    many(tmp_path / "new", range(2, 6))
    counts = bring(store, "medquad", tmp_path / "new").counts
    assert (counts.records, counts.retired) == (4, 2)
    assert set(found(store)) == {f"medquad/{n:07d}-1" for n in range(2, 6)}


def test_a_source_that_is_no_more_is_retired_and_may_come_back(
    store: Store, tmp_path: Path
) -> None:
    many(tmp_path / "all", range(3))
    bring(store, "medquad", tmp_path / "all")
    assert store.retire("medquad", now()) == 3
    assert found(store) == {}
    assert bring(store, "medquad", tmp_path / "all").counts.records == 3


def test_a_file_that_ends_in_the_middle_of_its_packing_is_named(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "a.xml.gz"
    file.write_bytes(gzip.compress(MEDQUAD.encode())[:-20])
    with pytest.raises(KnowledgeError, match=r"a\.xml\.gz, line \d+: it cannot be read on"):
        bring(store, "medquad", file)


def test_bytes_that_are_no_text_are_named(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "a.obo"
    file.write_bytes(b"[Term]\nid: X:1\nname: \xff\xfe\n")
    with pytest.raises(records.BadRecord, match="line 3: this is not UTF-8"):
        bring(store, "obo", file)


def test_the_command_imports_shows_and_retires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path / "data"))
    file = put(tmp_path, "hp.obo", OBO)
    run = CliRunner().invoke
    assert "obo: 1 records, 1 links" in run(app, ["knowledge", "import", "obo", str(file)]).stdout
    put(tmp_path, "hp.obo", OBO.replace("id: HP:0001997\n", ""))
    broken = run(app, ["knowledge", "import", "obo", str(file)])
    assert broken.exit_code == 1
    assert "what was there before stays: hp.obo, line 4" in broken.stderr
    assert "in use" in run(app, ["knowledge", "stats"]).stdout
    assert "1 records are retired" in run(app, ["knowledge", "retire", "obo"]).stdout
    assert run(app, ["knowledge", "import", "csv", str(file)]).exit_code == 1


def test_what_was_imported_is_found_and_shown_until_its_source_is_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["knowledge", *words])
        return done.stdout + done.stderr

    assert "imported" not in run("search", "what is podagra")
    put(tmp_path, "hp.obo", OBO)
    put(tmp_path, "het/nodes.tsv", NODES)
    put(tmp_path, "het/edges.tsv", EDGES)
    put(tmp_path, "rrf/RXNCONSO.RRF", CONSO)
    put(tmp_path, "rrf/RXNREL.RRF", REL)
    for format_, path in (
        ("medquad", put(tmp_path, "a.xml", MEDQUAD)),
        ("pubmed", put(tmp_path, "p.xml", PUBMED)),
        ("obo", tmp_path / "hp.obo"),
        ("hetionet", tmp_path / "het"),
        ("rxnorm", tmp_path / "rrf"),
    ):
        run("import", format_, str(path))
    found = run("search", "what is gout")
    for id_ in ("medquad/0000042-1", "pubmed/11", "obo/HP:0001997", "hetionet/Disease::DOID:13189"):
        assert id_ in found, found
    assert "7 imported records" in found
    assert "medquad/0000042-1" in run("search", "痛风是什么")
    shown = run("show", "medquad/0000042-1")
    assert "What is (are) Gout ?" in shown
    assert "Crystals < 5 micrometres form." in shown
    assert "https://example.org/gout" in shown
    assert "CtD" in run("show", "hetionet/Compound::DB01394")
    assert "163 tradename_of 161" in run("show", "rxnorm/163:9004")
    assert "There is no" in run("show", "medquad/none")
    run("retire", "medquad")
    assert "medquad/0000042-1" not in run("search", "what is gout")
    assert "retired" in run("show", "medquad/0000042-1")
    assert "hetionet" in run("stats")
