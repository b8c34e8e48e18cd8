namespace DataPrep.Readers;

/// <summary>Where the fields of a csv or tsv file stand. The id must be there, and title or content.</summary>
sealed record FieldPositions(int Count, int Id, int? Title, int? Content, int? Lang, int? Group)
{
    internal static FieldPositions Of(CorpusFile file, IReadOnlyList<string> names, ReaderOptions options)
    {
        var id = Find(options.IdField);
        var title = Find(options.TitleField);
        var content = Find(options.ContentField);
        if (id is null || (title is null && content is null))
        {
            throw new DataPrepException(
                $"'{file.Name}' has the fields {string.Join(", ", names.Select(n => $"'{n}'"))}; expected '{options.IdField}' and '{options.TitleField}' or '{options.ContentField}'. Set id_field, title_field and content_field to names of the file{(options.Header ? "" : " (without a header: 0, 1, ...)")}.");
        }

        return new FieldPositions(names.Count, id.Value, title, content, Configured(options.LangField), Configured(options.GroupField));

        int? Configured(string name) => name.Length == 0 ? null
            : Find(name) ?? throw new DataPrepException($"'{file.Name}' has no field '{name}'. Found: {string.Join(", ", names.Select(n => $"'{n}'"))}.");

        int? Find(string name)
        {
            int? found = null;
            for (var i = 0; i < names.Count; i++)
            {
                if (names[i] == name)
                {
                    found = found is null ? i : throw new DataPrepException($"'{file.Name}' names the field '{name}' twice (fields {found + 1} and {i + 1}). Expected distinct names.");
                }
            }

            return found;
        }
    }
}
