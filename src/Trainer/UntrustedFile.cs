using Microsoft.Win32.SafeHandles;

namespace Trainer;

/// <summary>Opens files that come from elsewhere: links are followed, and what has no bytes (an empty file, a pipe, a device) is refused before it is opened, as opening one can wait forever.</summary>
static class UntrustedFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What a message says was expected.</param>
    /// <exception cref="TrainerException">It is not there, or has no bytes.</exception>
    public static SafeFileHandle Open(string path, string expected)
    {
        var file = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path) : null;
        if (file is not { Exists: true, Length: > 0 })
        {
            throw new TrainerException($"{path} {(file is { Exists: true } ? "has no bytes" : "does not exist")}; expected {expected}.");
        }

        try
        {
            return File.OpenHandle(file.FullName);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainerException($"{path} cannot be read: {error.Message} Expected {expected}.", error);
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes it may have.</param>
    /// <param name="expected">What a message says was expected.</param>
    /// <exception cref="TrainerException">It is not there, has no bytes, or more than allowed.</exception>
    public static byte[] Read(string path, long limit, string expected)
    {
        using var handle = Open(path, expected);
        var size = RandomAccess.GetLength(handle);
        if (size > limit)
        {
            throw new TrainerException($"{path} has {size} bytes; expected {expected}, of at most {limit}.");
        }

        var bytes = new byte[size];
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(handle, bytes.AsSpan(done), done);
            done += read > 0 ? read : throw new TrainerException($"{path} ended after {done} of {size} bytes; expected {expected}.");
        }

        return bytes;
    }
}
