// java.net.http and a loop over lines: java HttpClientLines.java URL MESSAGE
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class HttpClientLines {
    static final Pattern CONTENT = Pattern.compile("\"content\":\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
    static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

    public static void main(String[] words) throws Exception {
        String asked = "{\"model\":\"gpt-4o-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
            + words[1].replace("\\", "\\\\").replace("\"", "\\\"") + "\"}]}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(words[0] + "/chat/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(asked))
            .build();
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        HttpClient.newHttpClient().send(request, BodyHandlers.ofLines()).body()
            .filter(line -> line.startsWith("data: ") && !line.equals("data: [DONE]"))
            .map(CONTENT::matcher)
            .filter(Matcher::find)
            .forEach(found -> out.print(unescaped(found.group(1))));
    }

    // The JDK reads no JSON.
    static String unescaped(String text) {
        return ESCAPE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(
            found.group(1) != null ? String.valueOf((char) Integer.parseInt(found.group(1), 16))
            : switch (found.group(2)) { case "n" -> "\n"; case "t" -> "\t"; case "r" -> "\r"; default -> found.group(2); }));
    }
}
