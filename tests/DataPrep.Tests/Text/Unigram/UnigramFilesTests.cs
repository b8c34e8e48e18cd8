using System.Buffers.Binary;
using System.Text.Json.Nodes;
using DataPrep.Text.Unigram;

namespace DataPrep.Tests.Text.Unigram;

public sealed class UnigramFilesTests
{
    static string Fault(Action<JsonNode> change)
    {
        using var files = new XlmrMini(change);
        var message = Assert.Throws<DataPrepException>(() => UnigramFiles.Load(files.Path)).Message;
        Assert.Contains("tokenizer.json", message);
        Assert.Contains("Expected", message);
        return message;
    }

    [Theory]
    [InlineData("model", """{"type":"BPE","vocab":{}}""", "model is of type BPE")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[]}""", "0 pieces")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[["<unk>",1e999]]}""", "finite")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[["<unk>"]]}""", "no Unigram tokenizer")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[["<unk>","NaN"]]}""", "no Unigram tokenizer")]
    [InlineData("model", """{"type":"Unigram","unk_id":7,"vocab":[["<unk>",0]]}""", "unk_id is 7")]
    [InlineData("model", """{"type":"Unigram","vocab":[["<unk>",0]]}""", "unk_id is absent")]
    [InlineData("normalizer", """{"type":"NFKX"}""", "type NFKX")]
    [InlineData("normalizer", """{"type":"Prepend","prepend":null}""", "no Unigram tokenizer")]
    [InlineData("added_tokens", """[{"id":2002,"content":null}]""", "no Unigram tokenizer")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":null}""", "no Unigram tokenizer")]
    [InlineData("normalizer", """{"type":"Replace","pattern":{"Regex":"(a+)+$"},"content":""}""", "(a+)+$")]
    [InlineData("normalizer", """{"type":"Replace","pattern":{"String":""},"content":"x"}""", "empty string")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":"%%"}""", "no base64")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":"AAAA"}""", "3 bytes")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel"}""", "type ByteLevel")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"","add_prefix_space":true}""", "one character")]
    [InlineData("added_tokens", """[{"id":2000000000,"content":"x"}]""", "2000000000")]
    [InlineData("added_tokens", """[{"id":5,"content":"x"}]""", "of the piece")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B"}}],"pair":[],"special_tokens":{}}""", "\"B\"")]
    [InlineData("post_processor", """{"type":"RobertaProcessing","cls":["<s>",0],"sep":["</s>",99999]}""", "99999")]
    public void Load_SaysWhatIsWrong_ForABrokenTokenizerJson(string part, string json, string expected) =>
        Assert.Contains(expected, Fault(root => root[part] = JsonNode.Parse(json)));

    [Fact]
    public void Load_SaysWhatIsWrong_ForABrokenCharsmap()
    {
        static void Change(JsonNode root, Func<byte[], byte[]> change)
        {
            var map = Convert.FromBase64String(XlmrMini.Charsmap(root));
            root["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"] = Convert.ToBase64String(change(map));
        }

        static byte[] With(byte[] map, int unit, uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (4 * unit)), value);
            return map;
        }

        Assert.Contains("follow", Fault(root => Change(root, map => map[..1000])));
        Assert.Contains("follow", Fault(root => Change(root, map => With(map, -1, 0xFFFFFFFC))));
        Assert.Contains("no UTF-8", Fault(root => Change(root, map => [.. map, 0xFF])));

        // The root's children lie far outside; or label 'a' of the root's block leads back to that block for ever.
        Assert.Contains("within the trie", Fault(root => Change(root, map => With(map, 0, 0xFFFFFC00))));
        Assert.Contains("itself", Fault(root => Change(root, map => With(With(map, 0, 0), 'a', 'a' | ((uint)'a' << 10)))));
        Assert.Contains("replacement at byte", Fault(root => Change(root, map => [.. map[..^200]])));
    }

    [Fact]
    public void Load_SaysWhatIsWrong_ForABrokenSentencePieceModel()
    {
        var model = File.ReadAllBytes(XlmrMini.Model);
        Assert.Contains("cut short", Fault(model[..1000]));
        Assert.Contains("wire type", Fault([0x0C, .. model]));
        Assert.Contains("starts with the pieces", Fault([]));
        Assert.Contains("starts with the pieces", Fault(model[16..]));
        Assert.Contains("more than 10 bytes", Fault([0x08, .. Enumerable.Repeat((byte)0xFF, 20)]));
        Assert.Contains("model_type is 2", Fault([.. model, 0x12, 2, 0x18, 2]));
        Assert.Contains("finite", Fault([.. model, 0x0A, 8, 0x0A, 1, (byte)'x', 0x15, 0, 0, 0xC0, 0x7F]));
        Assert.Contains("no UTF-8", Fault([.. model, 0x0A, 3, 0x0A, 1, 0xFF]));
        Assert.Contains("two maps", Fault([.. model, 0x1A, 3, 0x12, 1, 0]));

        static string Fault(byte[] bytes)
        {
            var path = Path.Combine(Path.GetTempPath(), $"unigram-{Guid.NewGuid():N}.model");
            try
            {
                File.WriteAllBytes(path, bytes);
                var message = Assert.Throws<DataPrepException>(() => UnigramFiles.Load(path)).Message;
                Assert.Contains(path, message);
                Assert.Contains("Expected", message);
                return message;
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    [Fact]
    public void Load_LoadsOrRefuses_WhateverBytesOfTheFilesAreChanged()
    {
        var model = File.ReadAllBytes(XlmrMini.Model);
        var random = new Random(17);
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var bytes = (byte[])model.Clone();
            var changes = random.Next(1, 6);
            for (var change = 0; change < changes; change++)
            {
                // Half of the changes fall on the first pieces, the others anywhere: most of the file is the charsmap.
                bytes[random.Next(2) == 0 ? random.Next(400) : random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (random.Next(4) == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }

            try
            {
                var tokenizer = new UnigramTokenizer(new SentencePieceReader("x").Model(bytes));
                Assert.All(tokenizer.Encode("Hello, \u00ddworld \uff21\ufb01\u0301 \u3000\ud55c\uae00"), id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                loaded++;
            }
            catch (DataPrepException)
            {
                refused++;
            }
        }

        Assert.True(loaded > 20 && refused > 20, $"{loaded} loaded, {refused} refused");
    }

    [Fact]
    public void Encode_ReadsLoneSurrogatesAsReplacementCharacters_AndHandlesLongText()
    {
        var tokenizer = UnigramFiles.Load(XlmrMini.Model);
        Assert.Equal(tokenizer.Encode("a\ufffdb\U0001F600"), tokenizer.Encode("a\ud800b\U0001F600"));
        Assert.Equal(64, tokenizer.Encode(new string('\u4e2d', 300_000), 64).Length);
        Assert.Equal([0], tokenizer.Encode("a", 1));
        Assert.Empty(tokenizer.Encode("a", 0));
        Assert.Contains("template alone has 4", Assert.Throws<DataPrepException>(() => tokenizer.EncodePair("a", "b", 3)).Message);
    }
}
