namespace Trainer.Export;

/// <summary>Texts that a written folder is compared with its model on.</summary>
public static class ExportSamples
{
    /// <summary>Texts compared.</summary>
    public const int Count = 64;

    static readonly string[] Parts =
    [
        "How do I reset my password?", "The mitochondrion is the powerhouse of the cell.", "Returns the largest element of a sequence, or null where there is none.",
        "Über die Brücke führt eine schmale Straße.", "Comment réserver une chambre d'hôtel à Genève ?", "¿Cuál es la capital de Perú?", "Москва — столица России.",
        "北京是中华人民共和国的首都。", "東京の天気はどうですか。", "서울의 인구는 얼마입니까?", "ما هي عاصمة مصر؟", "प्रकाश की गति क्या है?", "ราคาเท่าไหร่", "Thời tiết hôm nay thế nào?",
        "IEnumerable<KeyValuePair<string, int>> items = new Dictionary<string, int>();", "E = mc² and 3.14159 ≈ π; 50 % of €1,299.99", "user@example.com https://example.com/a?b=c#d",
        "naïve café coöperation ﬁne ＦＵＬＬ", "👍🏽 family: 👨‍👩‍👧‍👦", "[CLS] [SEP] <s> </s> [MASK]",
    ];

    /// <summary>Sixty-four texts of many scripts, an empty and a blank one and two long ones among them. Given texts come first.</summary>
    /// <param name="own">Texts of the model's own field.</param>
    public static IReadOnlyList<string> With(IEnumerable<string> own)
    {
        List<string> texts = ["", "  \t ", string.Join(' ', Enumerable.Repeat(Parts[1], 60)), string.Join(' ', Parts.Concat(Parts.Reverse()).Concat(Parts))];
        texts.AddRange(own.Take(Count - texts.Count));
        for (var i = 0; texts.Count < Count; i++)
        {
            texts.Add(i < Parts.Length ? Parts[i] : $"{Parts[i % Parts.Length]} {Parts[((i * 7) + (i / Parts.Length)) % Parts.Length]}");
        }

        return texts;
    }
}
