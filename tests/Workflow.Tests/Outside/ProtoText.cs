using System.Diagnostics;
using System.Text;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>A message as protoc prints it: fields by name, each a text or a message.</summary>
sealed class ProtoText
{
    readonly List<(string Name, string Text, ProtoText? Message)> fields = [];

    public IEnumerable<ProtoText> All(string name) => fields.Where(f => f.Name == name && f.Message is not null).Select(f => f.Message!);

    /// <summary>A scalar; empty where it is absent.</summary>
    public string Text(string name) => fields.FirstOrDefault(f => f.Name == name).Text ?? "";

    /// <summary>Bytes as hex.</summary>
    public string Hex(string name) => Convert.ToHexStringLower(Encoding.Latin1.GetBytes(Text(name)));

    /// <summary>Attributes of a span, a point or a resource.</summary>
    public Dictionary<string, string> Attributes => All("attributes").ToDictionary(a => a.Text("key"), a => a.All("value").Select(v => v.fields.Count == 0 ? "" : v.fields[0].Text).FirstOrDefault() ?? "", StringComparer.Ordinal);

    /// <summary>Decodes bytes by the published field numbers, with protoc (Debian: protobuf-compiler); the test is skipped where it is absent.</summary>
    public static async Task<ProtoText> DecodeAsync(byte[] body, string message, CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/protoc"), "protoc (Debian: protobuf-compiler) is not installed.");
        var folder = Path.Combine(RepositoryFiles.Root, "tests", "Workflow.Tests", "Outside");
        using var protoc = Process.Start(new ProcessStartInfo("/usr/bin/protoc", [$"--proto_path={folder}", $"--decode={message}", "otlp.proto"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = protoc.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = protoc.StandardError.ReadToEndAsync(cancellationToken);
        await protoc.StandardInput.BaseStream.WriteAsync(body, cancellationToken);
        protoc.StandardInput.Close();
        await protoc.WaitForExitAsync(cancellationToken);
        Assert.True(protoc.ExitCode == 0, await error);
        using var lines = new StringReader(await output);
        return Read(lines);
    }

    static ProtoText Read(StringReader lines)
    {
        var message = new ProtoText();
        while (lines.ReadLine()?.Trim() is { } line && line != "}")
        {
            if (line.EndsWith('{'))
            {
                message.fields.Add((line[..^1].Trim(), "", Read(lines)));
                continue;
            }

            var at = line.IndexOf(": ", StringComparison.Ordinal);
            var value = line[(at + 2)..];
            message.fields.Add((line[..at], value.StartsWith('"') ? Unescape(value[1..^1]) : value, null));
        }

        return message;
    }

    static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            if (char.IsAsciiDigit(text[i]))
            {
                plain.Append((char)Convert.ToInt32(text.Substring(i, 3), 8));
                i += 2;
            }
            else
            {
                plain.Append(text[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var same => same });
            }
        }

        return plain.ToString();
    }
}
