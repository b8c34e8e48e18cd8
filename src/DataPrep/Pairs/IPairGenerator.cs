namespace DataPrep.Pairs;

/// <summary>Makes queries of documents. Thread-safe, and a pure function of document, options and seed.</summary>
public interface IPairGenerator
{
    /// <summary>Name in job files and in the pairs: title, lead, crop.</summary>
    string Name { get; }

    /// <summary>Whether the query is the document's title, so that documents of one title share one query; else each document's queries are its own.</summary>
    bool QueryIsTitle { get; }

    /// <summary>Queries of a document, most telling first; none where the document does not lend itself.</summary>
    IEnumerable<GeneratedQuery> Generate(Document document, long seed);
}
