using System.Text;

namespace Workflow.Cli.Remote;

/// <summary>Reads a job file to send it: the server checks it, with its own folders.</summary>
static class RemoteJob
{
    const int MostBytes = 1 << 20;

    /// <summary>The file's text.</summary>
    /// <exception cref="WorkflowException">There is no such file, or it is no job file.</exception>
    public static string Text(string path, string name)
    {
        if (!File.Exists(path))
        {
            throw new WorkflowException($"There is no job file '{name}'{(Directory.Exists(path) ? ": it is a folder" : "")}. Expected the path of a YAML file, such as jobs/quickstart.yaml.", exitCode: 2);
        }

        if (new FileInfo(path).Length > MostBytes)
        {
            throw new WorkflowException($"{name}: found a file of more than {MostBytes / 1024} KiB; expected a job file, which is smaller.", exitCode: 2);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw new WorkflowException($"{name}: found bytes that are not UTF-8; expected a UTF-8 text file.", exitCode: 2);
        }
    }
}
